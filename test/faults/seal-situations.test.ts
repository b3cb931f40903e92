import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { fingerprintsOf, leaksOf, storedRecord } from "../support/fault-walk.ts";
import { type UpResult, VaultWorld, type WorldOptions } from "../support/vault-world.ts";

/**
 * What an operator meets with a seal that opens Vault by itself. Proves the protocols against fakes; the live tests
 * prove the fakes.
 */

let escrow: EscrowPair;

beforeAll(async () => {
  escrow = await makeEscrow();
});

async function running(options: Omit<WorldOptions, "escrow">): Promise<VaultWorld> {
  const made = await new VaultWorld({ shares: 3, threshold: 2, ...options, escrow }).listen();
  onTestFinished(() => made.close());
  expect(await made.stack.up()).toEqual({ kind: "up" });
  return made;
}

function runbookOf(result: UpResult): string {
  return result.kind === "stopped" ? result.runbook : result.kind;
}

function sharesSent(world: VaultWorld): number {
  return world.vault.server.log.filter(({ path }) => path === "/v1/sys/unseal").length;
}

test("no share is ever sent to a Vault that opens by itself", async () => {
  const world = await running({ seal: "transit" });
  world.kube.restartPod("vault-0");
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(sharesSent(world)).toBe(0);
  expect(storedRecord(world)).toMatchObject({ record: { seal: "transit" } });
});

test("a lost login is made again with recovery shares", async () => {
  const world = await running({ seal: "transit" });
  world.vault.storage.roles.clear();
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(world.vault.rootTokens()).toEqual([]);
  expect(leaksOf(world)).toEqual([]);
});

test("recovery shares become more by one edit, and make a root token afterwards while the former ones do not", async () => {
  const world = await running({ seal: "transit" });
  const former = [...world.vault.storage.shares];
  world.stack.custody = { ...world.stack.custody, shares: 5, threshold: 3 };
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(storedRecord(world)).toMatchObject({ record: { seal: "transit", secretShares: 5, secretThreshold: 3 } });
  expect(world.vault.storage.shares.filter((share) => former.includes(share))).toEqual([]);
  world.vault.storage.roles.clear();
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(world.vault.rootTokens()).toEqual([]);
  expect(sharesSent(world)).toBe(0);
  expect(leaksOf(world)).toEqual([]);
});

test("a seal that cannot be reached stops with its runbook, and nothing is sent until it can", async () => {
  const world = await running({ seal: "transit", speed: 200 });
  world.vault.sealReachable = false;
  world.kube.restartPod("vault-0");
  expect(runbookOf(await world.stack.up())).toBe("seal-closed");
  expect(sharesSent(world)).toBe(0);
  world.vault.sealReachable = true;
  expect(await world.stack.up()).toEqual({ kind: "up" });
});

test("another seal without consent stops, and nothing is asked of Vault or written", async () => {
  const world = await running({});
  const before = storedRecord(world);
  world.stack.sealing = { seal: "transit", previousSeal: null };
  expect(runbookOf(await world.stack.up())).toBe("seal-change");
  expect(storedRecord(world)).toEqual(before);
});

test("moving the root key keeps the keys, and consent that is left on changes nothing more", async () => {
  const world = await running({});
  world.changeSeal("transit");
  expect(await world.stack.up()).toEqual({ kind: "up" });
  const after = storedRecord(world);
  expect(after).toMatchObject({ record: { seal: "transit" } });
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(storedRecord(world)).toEqual(after);
  expect(fingerprintsOf(world)).toHaveLength(1);
});

test("consent removed before the record knew of the move stops, and given again it goes through", async () => {
  const world = await running({});
  world.changeSeal("transit");
  world.vault.storage.seal = "transit";
  const { sealing } = world.stack;
  world.stack.sealing = { ...sealing, previousSeal: null };
  expect(runbookOf(await world.stack.up())).toBe("seal-change");
  world.stack.sealing = sealing;
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(storedRecord(world)).toMatchObject({ record: { seal: "transit" } });
});

test("the keys of a Vault that was moved back to shares say nothing of a seal", async () => {
  const world = await running({ seal: "transit" });
  world.changeSeal("shamir");
  expect(await world.stack.up()).toEqual({ kind: "up" });
  const stored = storedRecord(world);
  expect(stored.kind === "keys" && "seal" in stored.record).toBe(false);
});
