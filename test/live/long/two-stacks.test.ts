/**
 * Two stacks, each with a state of its own, that want the same Vault at the same time. They do not prove anything about runs of
 * one stack, which the engine's own lock keeps apart.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { upUntilKeysAre } from "../../support/await-keys.ts";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";

const page = `password: ${seededPassword}\nusername: static-user\n`;
const namespace = "live-twin";

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

describe("two stacks with the same namespace", () => {
  test("come up at once: one does, the other is refused and takes nothing away", async () => {
    const runs = await Promise.all([first.stack.up(), second.stack.up()]);
    expect(runs.map(({ code }) => code).filter((code) => code === 0)).toHaveLength(1);
    const [winner, loser] = runs[0].code === 0 ? [first, second] : [second, first];
    expect(runs.find(({ code }) => code !== 0)?.output).toMatch(/already exists/);
    expect(await winner.inits()).toBe(1);
    expect(await winner.page()).toBe(page);
    const record = await winner.keysRecord();
    const refused = await loser.stack.up();
    expect(refused.code).not.toBe(0);
    const destroyed = await loser.stack.destroy();
    expect(destroyed.code, destroyed.output).toBe(0);
    expect(await winner.keysRecord()).toEqual(record);
    expect(await winner.page()).toBe(page);
  });

  test("of which one may adopt what exists: it waits for the other's keys, and stops because they are not its own", async () => {
    await second.stack.unset("kvSeeds");
    await second.stack.set("adoptExisting", "true");
    const up = await upUntilKeysAre("intent", first);
    const [own, foreign] = await Promise.all([up.done, second.stack.up()]);
    expect(own.code, own.output).toBe(0);
    expect(foreign.code).not.toBe(0);
    expect(foreign.output).toMatch(/was initialised with shares for|another run .* is working on Vault/);
    expect(foreign.output).toContain("docs/operations.md#");
    expect(await first.inits()).toBe(1);
    expect(await first.page()).toBe(page);
    const again = await first.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });
});
