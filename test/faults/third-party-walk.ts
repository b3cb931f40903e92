import { describe, expect, test } from "vitest";
import type { StepEvent } from "../../protocol/frame/steps.ts";
import { runbookNames } from "../../protocol/stops/runbooks.ts";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { leaksOf, openWorld, type Scenario, storedRecord } from "../support/fault-walk.ts";
import { unreachableSets } from "../support/key-copies.ts";
import type { VaultWorld } from "../support/vault-world.ts";
import { type ThirdParty, thirdParties } from "./third-parties.ts";

const timeoutMs = 180_000;

/** A situation with people in it. */
export interface PeopledScenario extends Scenario {
  /** People who hold shares, made for this walk, and the world with them in it. */
  readonly involve?: (world: VaultWorld, people: readonly EscrowPair[]) => Promise<void>;
  /** Where an `up` ends when nobody does anything, until people have done their part. */
  readonly awaits?: "missing-shares";
}

/**
 * Walks through one scenario: at each of its steps, once, each third party does what it does. Then one plain `up` comes
 * up, or stops with a runbook that this deed leads to; no set of keys that was ever in use is lost by the stack, and no
 * root token lives on. What the third party itself took away, and nothing else had, is not the stack's doing.
 *
 * It does not prove what happens when somebody acts within a step, or what a real Vault answers then.
 */
export async function walkWithThirdParties(scenario: PeopledScenario): Promise<void> {
  const [escrow, ...people] = await Promise.all(["escrow", "alice", "bob"].map((name) => makeEscrow(name)));
  if (escrow === undefined) throw new Error("an escrow key was asked for");
  const cast = { escrow, people };
  const events = await eventsOf(scenario, cast);
  describe(`${scenario.name}, and between two steps`, () => {
    for (const party of thirdParties) {
      for (const event of events) {
        test.concurrent(
          `${party.name} ${event.moment} ${event.protocol}/${event.step}: the next up converges or stops with its runbook`,
          async () => {
            const world = await open(scenario, cast);
            try {
              await expectUnharmed(world, scenario, party, await runWith(world, event, party, people));
            } finally {
              await world.close();
            }
          },
          timeoutMs,
        );
      }
    }
  });
}

interface Cast {
  readonly escrow: EscrowPair;
  readonly people: readonly EscrowPair[];
}

async function open(scenario: PeopledScenario, { escrow, people }: Cast): Promise<VaultWorld> {
  const world = await openWorld(scenario, escrow);
  await scenario.involve?.(world, people);
  return world;
}

/** The moments at which something can have happened since the one before: what ends a step begins the next. */
async function eventsOf(scenario: PeopledScenario, cast: Cast): Promise<StepEvent[]> {
  const world = await open(scenario, cast);
  const events: StepEvent[] = [];
  const { context } = world.context((event) => {
    const isFirst = events.length === 0;
    if (scenario.walks.includes(event.protocol) && (isFirst || event.moment === "after")) events.push(event);
    return Promise.resolve();
  });
  await world.stack.up(context);
  await world.close();
  return events;
}

/** Sets of keys that were nowhere any more right after the third party had acted. */
async function runWith(
  world: VaultWorld,
  at: StepEvent,
  party: ThirdParty,
  people: readonly EscrowPair[],
): Promise<readonly (readonly string[])[]> {
  const taken: ReturnType<typeof unreachableSets>[] = [];
  const { context } = world.context(async ({ protocol, step, moment }) => {
    if (taken.length > 0 || protocol !== at.protocol || step !== at.step || moment !== at.moment) return;
    await party.acts(world, people);
    taken.push(unreachableSets(world));
  });
  await world.stack.up(context);
  expect(taken, "the moment was never reached").toHaveLength(1);
  return taken.flat();
}

async function expectUnharmed(
  world: VaultWorld,
  scenario: PeopledScenario,
  party: ThirdParty,
  taken: readonly (readonly string[])[],
): Promise<void> {
  const result = await world.stack.up();
  const runbooks: readonly string[] = [...party.mayStop, ...(scenario.awaits === undefined ? [] : [scenario.awaits])];
  expect(result.kind === "up" ? "up" : result, JSON.stringify(result)).toSatisfy(
    (found: unknown) => found === "up" || (result.kind === "stopped" && runbooks.includes(result.runbook)),
  );
  expect(runbooks.filter((name) => !runbookNames.some((known) => known === name))).toEqual([]);
  const stored = storedRecord(world);
  // The first one, as long as it is the only way in: encrypted in the Secret, and ended by the up that gets that far.
  const isAwaited = result.kind !== "up" && (stored.kind !== "keys" || stored.record.rootToken !== null);
  expect(world.vault.rootTokens().length, "root tokens alive").toBeLessThanOrEqual(isAwaited ? 1 : 0);
  const lost = unreachableSets(world).filter((set) => !taken.includes(set));
  expect(lost, "sets of keys nowhere").toEqual([]);
  expect(leaksOf(world)).toEqual([]);
}
