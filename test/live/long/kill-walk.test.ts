/**
 * Kills a real run at every step of the key protocol: its provider, its engine, or both. Each case begins with a stack
 * of its own. The steps come from the protocols themselves, so a new step brings its own cases. Only what Vault needs
 * is brought up: what lives inside it is no part of the protocol. One run of this suite makes a third of all kills, one
 * at every step: `KILL_WALK=2/3` and `3/3` make the others. The last test says how many of how many there were.
 *
 * They do not prove anything about a machine that loses power: what it had written stays written here.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StepEvent } from "../../../protocol/frame/steps.ts";
import { scenarios } from "../../faults/scenarios.ts";
import { DevStack, seededPassword, vaultOnly } from "../../support/dev-stack.ts";
import { asRoot, countRootTokens } from "../../support/emergency-root.ts";
import { makeEscrow } from "../../support/escrow-key.ts";
import { holdsOnlyKeys, momentsOf, type Scenario } from "../../support/fault-walk.ts";
import { allKills, killPart, killsOfPart, type Whom } from "../../support/kill-plan.ts";
import { type EngineRun, eventually } from "../../support/live-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";
import { inWords, type PlannedFault, sameMoment, stepFaultEnvironment, stepsTaken } from "../../support/step-fault.ts";

/** A situation in which a real `up` is killed. */
interface KillScenario {
  /** The same situation among fakes, whose run tells which steps there are. */
  readonly fake: Scenario;
  /** Brings a new stack there. */
  prepare(dev: DevStack): Promise<void>;
  /** True where the run replaces the keys. */
  readonly replacesKeys: boolean;
  /** True where a kill leaves a root token alive that nobody holds: see the threat model. */
  leavesRoot(event: StepEvent): boolean;
}

const beforeRevocation = [
  ...["obtain-root", "write-policies", "enable-approle", "write-roles"],
  ...["issue-login", "try-preview-login", "issue-preview-login", "prove-logins"],
];

const killScenarios: readonly KillScenario[] = [
  {
    fake: scenarios.fresh,
    prepare: () => Promise.resolve(),
    replacesKeys: false,
    leavesRoot: () => false,
  },
  {
    fake: scenarios.lostLogin,
    prepare: async (dev) => {
      expectUp(await dev.stack.upAtOnce(...vaultOnly));
      await (await dev.admin()).request("DELETE", "sys/auth/approle-pulumi");
    },
    replacesKeys: false,
    leavesRoot: ({ step, moment }) => moment === "after" && beforeRevocation.includes(step),
  },
  {
    fake: scenarios.rekeyed,
    prepare: async (dev) => {
      expectUp(await dev.stack.upAtOnce(...vaultOnly));
      await dev.stack.set("secretShares", "5");
      await dev.stack.set("secretThreshold", "3");
    },
    replacesKeys: true,
    leavesRoot: () => false,
  },
  {
    fake: scenarios.replacedKeys,
    prepare: async (dev) => {
      await dev.stack.set("secretShares", "3");
      await dev.stack.set("secretThreshold", "2");
      expectUp(await dev.stack.upAtOnce(...vaultOnly));
      await dev.stack.set("keysGeneration", "2");
    },
    replacesKeys: true,
    leavesRoot: () => false,
  },
];

/** Node ports nobody has: a stack is still being removed while the next ones come up. */
const freePorts = Array.from({ length: 18 }, (_, index) => 30340 + index);

let folder: string;
let begun = 0;
let healed = 0;
let planned = 0;
let possible = 0;
const removals: Promise<void>[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vaultstack-kill-walk-"));
});

afterAll(async () => {
  await Promise.all(removals);
  rmSync(folder, { recursive: true });
});

const escrow = await makeEscrow();

const part = killPart(process.env);

for (const scenario of killScenarios) {
  const moments = await momentsOf(scenario.fake, escrow);
  const kills = killsOfPart(moments, part).map(
    ({ event, whom }) => [whose(whom), inWords(event), whom, event] as const,
  );
  planned += kills.length;
  possible += allKills(moments).length;
  describe(`${scenario.fake.name}, and an up`, () => {
    test.concurrent.for(kills)(
      "whose %s killed %s is healed by the next",
      async ([, , whom, event], { onTestFinished }) => {
        await eventually("a node port is free", () => Promise.resolve(freePorts.length > 0));
        const vault = freePorts.shift() ?? 0;
        const dev = await DevStack.create(`lb-kill-${begun++}`, { vault, webApp: 0 });
        onTestFinished(() => {
          removals.push(dev.remove().then(() => void freePorts.push(vault)));
        });
        await survive(dev, scenario, whom, event);
        healed += 1;
      },
    );
  });
}

test("every kill of this part was made and healed", () => {
  process.stdout.write(
    `kill walk, part ${part.number} of ${part.of}: ${healed} of ${planned} kills healed, of ${possible} there are\n`,
  );
  expect(planned * part.of).toBe(possible);
  expect(healed).toBe(planned);
});

function whose(whom: Whom): string {
  return whom === "both" ? "engine and provider are" : `${whom} is`;
}

async function survive(dev: DevStack, scenario: KillScenario, whom: Whom, event: StepEvent): Promise<void> {
  const started = Date.now();
  await scenario.prepare(dev);
  const former = scenario.replacesKeys ? await dev.keysRecord() : null;
  const kill: PlannedFault = { at: event, fault: { kind: "kill", whom }, trace: join(folder, dev.stack.name) };
  const killed = await dev.stack.withEnvironment(stepFaultEnvironment(kill), () => dev.stack.upAtOnce(...vaultOnly));
  expect(killed.code, killed.output).not.toBe(0);
  await eventually("all processes of the run have ended", () => Promise.resolve(dev.stack.processes().length === 0));
  expect(stepsTaken(kill).filter((taken) => sameMoment(taken, event))).not.toEqual([]);
  // A killed engine could not give its lock back.
  if (whom !== "provider") await dev.stack.cancel();

  const keys = await dev.keysRecord();
  const { text: stateBetween } = await dev.stack.exportState();
  const isLost = whom !== "engine" && event.protocol === "init" && holdsOnlyKeys(event);
  if (isLost) await consentToStartOver(dev);
  expectUp(await dev.stack.upAtOnce(...vaultOnly));

  const found = await dev.keysRecord();
  if (former !== null) {
    expect(found?.keysFingerprint).not.toBe(former.keysFingerprint);
    expect(found?.pending).toBeUndefined();
  } else if (keys?.state === "initialized") {
    expect(found).toEqual(keys);
  }
  expect(await dev.inits()).toBe(1);
  const preview = await dev.stack.preview("--expect-no-changes", ...vaultOnly);
  expect(preview.code, preview.output).toBe(0);
  expect(dev.stack.processes()).toEqual([]);
  const secrets = await secretsOf(dev.stack, seededPassword);
  const strays = whom !== "engine" && scenario.leavesRoot(event) ? 1 : 0;
  const { address } = await dev.vault();
  expect(await asRoot(address, secrets.shares, countRootTokens)).toBe(1 + strays);
  const places = { ...(await dev.readablePlaces()), "state between": stateBetween };
  expect(plaintextHits(places, secrets.values)).toEqual([]);
  if (former !== null) {
    // The keys in the Secret are the ones in use: after a restart they are needed.
    await dev.restartVault();
    expectUp(await dev.stack.upAtOnce(...vaultOnly));
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  process.stdout.write(`${dev.stack.name}: ${whom} killed ${inWords(event)}: healed, ${seconds} s\n`);
}

/** The keys reached nobody: nothing is done before a person agrees. */
async function consentToStartOver(dev: DevStack): Promise<void> {
  const stopped = await dev.stack.upAtOnce(...vaultOnly);
  expect(stopped.code).not.toBe(0);
  expect(stopped.output).toContain("docs/runbooks/lost-init.md");
  expect((await dev.keysRecord())?.state).toBe("intent");
  await dev.stack.set("allowReinitialize", "true");
  expectUp(await dev.stack.upAtOnce(...vaultOnly));
  await dev.stack.unset("allowReinitialize");
}

function expectUp({ code, output }: EngineRun): void {
  expect(code, output).toBe(0);
}
