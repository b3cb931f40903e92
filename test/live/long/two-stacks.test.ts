/**
 * Two stacks, each with a state of its own, that want the same Vault at the same time. They do not prove anything about
 * runs of one stack, which the engine's own lock keeps apart.
 */
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { DevStack, seededPassword, vaultOnly } from "../../support/dev-stack.ts";
import { upHeld } from "../../support/held-run.ts";

const page = `password: ${seededPassword}\nusername: static-user\n`;
const namespace = "live-twin";
const lease = ["-n", namespace, "lease", "vault-init"];

let first: DevStack;
let second: DevStack;

beforeAll(async () => {
  first = await DevStack.create("live-twin-a", { vault: 30254, webApp: 30255 }, { namespace });
  second = await DevStack.create("live-twin-b", { vault: 30254, webApp: 30245 }, { namespace });
});

afterEach(async () => {
  for (const dev of [first, second]) {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
  }
});

afterAll(async () => {
  await first.remove();
  await second.remove();
});

/** Who works on the keys, by the Lease. */
async function holder(): Promise<string> {
  return first.stack.kubectl("get", ...lease, "-o", "jsonpath={.spec.holderIdentity}");
}

/**
 * Renews the Lease in the name of its holder, whose process stands still, until it is told to stop or the test ends.
 */
function keepRenewing(): () => void {
  const renewal = setInterval(() => {
    const spec = { renewTime: new Date().toISOString().replace("Z", "000Z") };
    void first.stack.kubectl("patch", ...lease, "--type", "merge", "--patch", JSON.stringify({ spec }));
  }, 3_000);
  const stop = () => {
    clearInterval(renewal);
  };
  onTestFinished(stop);
  return stop;
}

describe("two stacks with the same namespace", () => {
  test("come up at once: one does, the other is refused by what is there already and takes nothing away", async () => {
    const runs = await Promise.all([first.stack.up(), second.stack.up()]);
    expect(runs.map(({ code }) => code).filter((code) => code === 0)).toHaveLength(1);
    const [winner, loser] = runs[0].code === 0 ? [first, second] : [second, first];
    const alreadyThere = /already ?exists/i;
    expect(runs.find(({ code }) => code !== 0)?.output).toMatch(alreadyThere);
    expect(await winner.inits()).toBe(1);
    expect(await winner.page()).toBe(page);
    const record = await winner.keysRecord();
    const refused = await loser.stack.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(alreadyThere);
    const destroyed = await loser.stack.destroy();
    expect(destroyed.code, destroyed.output).toBe(0);
    expect(await winner.keysRecord()).toEqual(record);
    expect(await winner.page()).toBe(page);
  });

  test("of which one may adopt what exists: the Lease keeps it out while the other works, the other's keys afterwards", async () => {
    await second.stack.unset("kvSeeds");
    await second.stack.set("adoptExisting", "true");
    const own = await upHeld(first.stack, { protocol: "init", step: "initialize", moment: "before" });
    const stopRenewing = keepRenewing();
    const [worker, intent] = [await holder(), await first.keysRecord()];
    expect(intent?.state).toBe("intent");

    const locked = await second.stack.up();
    expect(locked.code).not.toBe(0);
    expect(locked.output).toContain(`another run (${worker}) is working on Vault`);
    expect(locked.output).toContain("docs/runbooks/busy.md");
    expect(await holder()).toBe(worker);
    expect(await first.keysRecord()).toEqual(intent);
    expect((await first.sealStatus()).initialized).toBe(false);

    stopRenewing();
    own.goOn();
    const up = await own.done;
    expect(up.code, up.output).toBe(0);
    const keys = await first.keysRecord();
    // Of Vault alone: the preview of the rest would stop at the database, which the second stack has not got as far as
    // to make.
    const foreign = await second.stack.upAtOnce(...vaultOnly);
    expect(foreign.code).not.toBe(0);
    expect(foreign.output).toContain("was initialised with shares for ");
    expect(foreign.output).toContain("docs/runbooks/other-key-set.md");
    expect(await first.inits()).toBe(1);
    expect(await first.keysRecord()).toEqual(keys);
    expect(await first.page()).toBe(page);
    const again = await first.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });
});
