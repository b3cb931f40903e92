import { describe, expect, test } from "vitest";
import { originOf } from "../../protocol/keys/key-set.ts";
import { sealOf } from "../../protocol/keys/keys-record.ts";
import { makeEscrow } from "../support/escrow-key.ts";
import {
  casesOf,
  type FaultCase,
  fingerprintsOf,
  leaksOf,
  losesKeys,
  openWorld,
  runCase,
  type Scenario,
  storedRecord,
} from "../support/fault-walk.ts";
import { unreachableSets } from "../support/key-copies.ts";
import type { UpResult, VaultWorld } from "../support/vault-world.ts";
import { scenarios } from "./scenarios.ts";

const timeoutMs = 180_000;

/**
 * Walks through one scenario: a test for each of its steps and requests times the faults.
 *
 * It does not prove what a real process leaves behind when it is killed: a killed run here is one that never goes on
 * and whose connections and renewals end.
 */
export async function walk(scenario: Scenario): Promise<void> {
  const escrow = await makeEscrow();
  const cases = await casesOf(scenario, escrow);
  describe(`${scenario.name}, and a run is`, () => {
    for (const faultCase of cases) {
      test.concurrent(
        `${faultCase.title}: the next up converges or stops with its runbook`,
        async () => {
          const world = await openWorld(scenario, escrow);
          try {
            const faulted = await runCase(world, faultCase);
            expectUnharmed(world, faultCase, await nextUp(world, faultCase), JSON.stringify(faulted));
            // The keys in the Secret are the ones in use: after a restart they are needed.
            for (const pod of world.target.pods) world.kube.restartPod(pod);
            expect(await world.stack.up(), "after a restart").toEqual({ kind: "up" });
          } finally {
            await world.close();
          }
        },
        timeoutMs,
      );
    }
  });
}

/** One plain `up`. A person acts only where the answer with the keys was lost, and then as the runbook says. */
async function nextUp(world: VaultWorld, faultCase: FaultCase): Promise<UpResult> {
  const result = await world.stack.up();
  if (result.kind === "up" || !losesKeys(faultCase)) return result;
  expect(result).toMatchObject({ kind: "stopped", runbook: "lost-init" });
  if (world.vault.sealed) {
    world.stack.allowReinitialize = true;
  } else {
    // A seal has opened it: nobody but a person may say that it is unused.
    for (const pod of world.target.pods) world.kube.loseVolume(pod);
  }
  return world.stack.up();
}

/** A process that was killed between two moments: Vault had made a root token for it, and it had not kept that yet. */
function killedWithRoot({ event, fault, scenario }: FaultCase): boolean {
  const holds = event.protocol === "admin-access" && event.step === "obtain-root";
  return fault.kind === "kill" && scenario.name === scenarios.lostLogin.name && holds;
}

function expectUnharmed(world: VaultWorld, faultCase: FaultCase, result: UpResult, faulted: string): void {
  const { inits, rekeys = 0 } = faultCase.scenario;
  expect(result, `after the fault: ${faulted}`).toEqual({ kind: "up" });
  expect(world.inits, "initialised too often").toBeLessThanOrEqual(inits + (losesKeys(faultCase) ? 1 : 0));
  expect(fingerprintsOf(world).length, "keys were replaced").toBeLessThanOrEqual(inits + rekeys);
  expect(leaksOf(world)).toEqual([]);
  const alive = world.vault.rootTokens().length;
  expect(alive, "root tokens alive").toBeLessThanOrEqual(killedWithRoot(faultCase) ? 1 : 0);
  // Keys whose answer reached nobody cannot be anywhere: those of the fault, and those that a scenario begins with.
  const lost = (losesKeys(faultCase) ? 1 : 0) + (faultCase.scenario === scenarios.lostInit ? 1 : 0);
  expect(unreachableSets(world).length, "sets of keys nowhere").toBeLessThanOrEqual(lost);
  expect(world.vaults.map(({ sealed }) => sealed)).not.toContain(true);
  const { init, rekey } = world.stack.state;
  const stored = storedRecord(world);
  expect(stored).toMatchObject({ kind: "keys", record: { rootToken: null, keysFingerprint: rekey?.keysInUse } });
  expect(stored.kind === "keys" && originOf(stored.record)).toBe(init?.keysFingerprint);
  expect(stored.kind === "keys" && stored.record.pending).toBeUndefined();
  expect(world.vault.storage.rekeys, "keys were replaced another number of times").toBe(rekeys);
  expect(stored.kind === "keys" && sealOf(stored.record)).toBe(world.vault.storage.seal);
}
