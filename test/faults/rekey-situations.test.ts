import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { leaksOf } from "../support/fault-walk.ts";
import { keysOf, sharesOf } from "../support/key-copies.ts";
import { type UpResult, VaultWorld, type WorldOptions } from "../support/vault-world.ts";

/**
 * What an operator meets who replaces keys or lets people hold them, against fakes. It does not prove that Vault
 * behaves like the fake one: the live tests do.
 */

let escrow: EscrowPair;
let alice: EscrowPair;
let bob: EscrowPair;
let carol: EscrowPair;

beforeAll(async () => {
  [escrow, alice, bob, carol] = await Promise.all([
    makeEscrow(),
    makeEscrow("alice"),
    makeEscrow("bob"),
    makeEscrow("carol"),
  ]);
});

async function running(options: Omit<WorldOptions, "escrow"> = {}): Promise<VaultWorld> {
  const world = await new VaultWorld({ ...options, escrow }).listen();
  onTestFinished(() => world.close());
  await expectUp(world);
  return world;
}

async function expectUp(world: VaultWorld): Promise<void> {
  expect(await world.stack.up()).toEqual({ kind: "up" });
}

async function expectStop(world: VaultWorld, runbook: string): Promise<string> {
  const result: UpResult = await world.stack.up();
  expect(result).toMatchObject({ kind: "stopped", runbook });
  return result.kind === "stopped" ? result.message : "";
}

/** People give the shares of the keys in use, or of those that wait to be shown. */
async function give(world: VaultWorld, people: readonly EscrowPair[], which: "in use" | "pending"): Promise<void> {
  const found = keysOf(world);
  const messages = which === "in use" ? found.shares : (found.pending?.shares ?? []);
  for (const person of people) await world.vault.rekey.give(world.vault.storage, await sharesOf(person, messages));
}

async function unsealBy(world: VaultWorld, people: readonly EscrowPair[]): Promise<void> {
  for (const person of people) {
    for (const share of await sharesOf(person, keysOf(world).shares)) world.vault.submit(share);
  }
}

function editTo(world: VaultWorld, people: readonly EscrowPair[], shares: number, threshold: number): void {
  const holders = people.map(({ publicKey }) => publicKey);
  world.stack.custody = { ...world.stack.custody, shares, threshold, holders };
}

test("an edit from one share to five replaces the keys, and the old share is refused afterwards", async () => {
  const world = await running();
  const [old = ""] = world.vault.storage.shares;
  world.stack.custody = { ...world.stack.custody, shares: 5, threshold: 3 };
  await expectUp(world);
  expect(keysOf(world)).toMatchObject({ secretShares: 5, secretThreshold: 3 });
  expect(world.vault.storage.shares).not.toContain(old);
  expect(world.inits).toBe(1);
  expect(leaksOf(world)).toEqual([]);
});

test("the old keys stay beside the new ones, for copies of the storage made before", async () => {
  const world = await running();
  const old = keysOf(world);
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  await expectUp(world);
  const archive = world.kube.get("secrets", `vault-keys-${old.keysFingerprint.slice(7, 19)}`);
  const text = Buffer.from((archive?.["data"] as Record<string, string>)["record.json"] ?? "", "base64").toString();
  expect(JSON.parse(text)).toMatchObject({ shares: old.shares, keysFingerprint: old.keysFingerprint });
});

test("Vault keeps no copy of the new keys once they are in use", async () => {
  const world = await running();
  world.stack.custody = { ...world.stack.custody, shares: 3, threshold: 2 };
  await expectUp(world);
  expect(world.vault.storage.backup).toBeNull();
});

test("an up after a rekey changes nothing", async () => {
  const world = await running();
  world.stack.custody = { ...world.stack.custody, shares: 3, threshold: 2 };
  await expectUp(world);
  const before = keysOf(world);
  await expectUp(world);
  expect(keysOf(world)).toEqual(before);
  expect(world.vault.storage.rekeys).toBe(1);
});

test("a new escrow key takes over while the one before it still opens the shares", async () => {
  const world = await running({ shares: 3, threshold: 2 });
  world.stack.custody = { ...world.stack.custody, escrow: alice, previousEscrow: escrow };
  await expectUp(world);
  const { escrow: current, shares, threshold, holders, generation } = world.stack.custody;
  world.stack.custody = { escrow: current, shares, threshold, holders, generation };
  world.kube.restartPod("vault-0");
  await expectUp(world);
  expect(keysOf(world).shares.map(({ recipient }) => recipient)).toEqual(Array(3).fill(alice.fingerprint));
});

test("a new escrow key alone opens no share of the keys in use, and the message says whose they are", async () => {
  const world = await running({ shares: 3, threshold: 2 });
  world.stack.custody = { ...world.stack.custody, escrow: alice };
  expect(await expectStop(world, "missing-shares")).toContain(escrow.fingerprint);
  expect(world.vault.storage.rekeys).toBe(0);
});

test("custody of people begins when they have shown their shares, and until then the old keys are in use", async () => {
  const world = await running();
  editTo(world, [alice, bob, carol], 3, 2);
  const message = await expectStop(world, "missing-shares");
  expect(message).toContain("needs 2 more shares of the new keys");
  expect(message).toContain("vault operator rekey -verify -nonce=");
  expect(world.vault.storage.rekeys).toBe(0);
  await give(world, [alice, carol], "pending");
  await expectUp(world);
  expect(keysOf(world)).toMatchObject({ secretShares: 3, secretThreshold: 2 });
  expect(keysOf(world).pending).toBeUndefined();
});

test("custody comes back from people when they give the shares of the keys in use", async () => {
  const world = await running();
  editTo(world, [alice, bob, carol], 3, 2);
  await world.stack.up();
  await give(world, [alice, bob], "pending");
  await expectUp(world);
  editTo(world, [], 1, 1);
  const message = await expectStop(world, "missing-shares");
  expect(message).toContain("vault operator rekey -nonce=");
  await give(world, [bob, carol], "in use");
  await expectUp(world);
  world.kube.restartPod("vault-0");
  await expectUp(world);
  expect(keysOf(world)).toMatchObject({ secretShares: 1, shares: [{ recipient: escrow.fingerprint }] });
});

test("one person takes another's place: that the new keys are in use is read in Vault's log", async () => {
  const world = await running();
  editTo(world, [alice, bob], 2, 2);
  await world.stack.up();
  await give(world, [alice, bob], "pending");
  await expectUp(world);
  editTo(world, [alice, carol], 2, 2);
  await expectStop(world, "missing-shares");
  await give(world, [alice, bob], "in use");
  await expectStop(world, "missing-shares");
  await give(world, [alice, carol], "pending");
  await expectUp(world);
  expect(world.vault.storage.rekeys).toBe(2);
  expect(keysOf(world).shares.map(({ recipient }) => recipient)).toEqual([alice.fingerprint, carol.fingerprint]);
});

test("when nothing tells whether people's new keys are in use, both sets are kept and the rekey begins anew", async () => {
  const world = await running();
  editTo(world, [alice, bob], 2, 2);
  await world.stack.up();
  await give(world, [alice, bob], "pending");
  await expectUp(world);
  editTo(world, [alice, carol], 2, 2);
  await world.stack.up();
  await give(world, [alice, bob], "in use");
  await world.stack.up();
  const made = keysOf(world).pending?.shares ?? [];
  await give(world, [alice, carol], "pending");
  world.vault.rekey.log = "";
  await expectStop(world, "missing-shares");
  const kept = [...world.kube.objects]
    .filter(([key]) => key.startsWith("secrets/vault-keys-"))
    .map(([, secret]) =>
      Buffer.from((secret["data"] as Record<string, string>)["record.json"] ?? "", "base64").toString(),
    );
  expect(kept.some((text) => text.includes(made[0]?.message ?? "nothing"))).toBe(true);
  // The shares in use are now those that were kept.
  for (const person of [alice, carol]) await world.vault.rekey.give(world.vault.storage, await sharesOf(person, made));
  await expectStop(world, "missing-shares");
  await give(world, [alice, carol], "pending");
  await expectUp(world);
  expect(world.vault.storage.rekeys).toBe(3);
});

test("the stack adds its own share to those people have given to unseal, and resets none of theirs", async () => {
  const world = await running();
  editTo(world, [alice, bob], 3, 2);
  await world.stack.up();
  await give(world, [alice], "pending");
  await expectUp(world);
  world.kube.restartPod("vault-0");
  const message = await expectStop(world, "missing-shares");
  expect(message).toContain("needs 1 more share to unseal pod vault-0");
  await unsealBy(world, [bob]);
  await expectUp(world);
});

test("a login lost in the custody of people is rebuilt with the token they generate", async () => {
  const world = await running();
  editTo(world, [alice, bob], 2, 2);
  await world.stack.up();
  await give(world, [alice, bob], "pending");
  await expectUp(world);
  world.vault.storage.roles.clear();
  const message = await expectStop(world, "missing-shares");
  const nonce = /generate-root -nonce=([\w-]+)/.exec(message)?.[1] ?? "";
  for (const person of [alice, bob]) {
    for (const share of await sharesOf(person, keysOf(world).shares)) {
      world.stack.encodedRootToken = (await world.vault.giveToGenerateRoot(nonce, share)) ?? undefined;
    }
  }
  await expectUp(world);
  expect(world.vault.rootTokens()).toEqual([]);
  expect(leaksOf(world)).toEqual([]);
});

test("a Vault that wants a login for replacing keys, as from version 2, gets one", async () => {
  const world = await running();
  world.vault.wantsLoginForKeys = true;
  world.stack.custody = { ...world.stack.custody, shares: 5, threshold: 3 };
  await expectUp(world);
  expect(world.vault.storage.rekeys).toBe(1);
});

test("a login lost in a Vault that makes no root token without one is told, with what people can do", async () => {
  const world = await running();
  world.vault.wantsLoginForKeys = true;
  world.vault.storage.roles.clear();
  expect(await expectStop(world, "lost-approle")).toContain("without a login");
});

test("somebody else's rekey is not cancelled", async () => {
  const world = await running();
  await world.vault.rekey.answer(world.vault.storage, "PUT", "init", { secret_shares: 1, secret_threshold: 1 });
  world.stack.custody = { ...world.stack.custody, shares: 3, threshold: 2 };
  await expectStop(world, "foreign-operation");
  expect(world.vault.rekey.underWay).toBe(true);
  expect(keysOf(world)).toMatchObject({ secretShares: 1 });
});

test("keys that a person replaced are noticed while Vault is open, and taken over with that person's shares", async () => {
  const world = await running();
  const foreign = ["1".repeat(66), "2".repeat(66), "3".repeat(66)];
  Object.assign(world.vault.storage, { shares: foreign, threshold: 2 });
  const message = await expectStop(world, "rekeyed-elsewhere");
  expect(message).toContain("asks for 2 of 3 shares, while the Secret holds 1 of 1");
  await world.vault.rekey.give(world.vault.storage, foreign.slice(0, 2));
  await expectUp(world);
  world.kube.restartPod("vault-0");
  await expectUp(world);
});

test("keys that a person replaced by as many are noticed by the next rekey", async () => {
  const world = await running({ shares: 3, threshold: 2 });
  Object.assign(world.vault.storage, { shares: ["1".repeat(66), "2".repeat(66), "3".repeat(66)] });
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  expect(await expectStop(world, "rekeyed-elsewhere")).toContain("refuses the shares in the Secret");
});

test("a state lost in the middle of a rekey adopts the keys in use and finishes it", async () => {
  const world = await running();
  editTo(world, [alice, bob], 2, 2);
  await world.stack.up();
  world.stack.state.init = null;
  world.stack.state.adminAccess = null;
  await expectStop(world, "missing-shares");
  await give(world, [alice, bob], "pending");
  await expectUp(world);
  expect(world.inits).toBe(1);
});

/**
 * A run that dies right after this step of the rekey, with the Secrets that had the keys: only an old copy of one is
 * left.
 */
async function loseNewKeys(world: VaultWorld, step: string): Promise<void> {
  const copy = world.kube.get("secrets", "vault-keys");
  if (copy === undefined) throw new Error("there are no keys to copy");
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  const reached = Promise.withResolvers<undefined>();
  const { context, kill } = world.context(async (event) => {
    if (event.protocol !== "rekey" || event.step !== step || event.moment !== "after") return;
    kill();
    reached.resolve(undefined);
    await Promise.withResolvers<undefined>().promise;
  });
  await Promise.race([reached.promise, world.stack.up(context).then((end) => Promise.reject(new Error(end.kind)))]);
  const secrets = [...world.kube.objects.keys()].flatMap((key) => /^secrets\/(vault-keys.*)$/.exec(key)?.[1] ?? []);
  for (const name of secrets) world.kube.remove("secrets", name);
  world.kube.put("secrets", copy);
}

// The commands of that runbook are for test/live/long/runbooks.test.ts.
test("new keys in use whose Secrets are gone are taken from Vault's own copy, as lost-new-keys says", async () => {
  const world = await running();
  await loseNewKeys(world, "verify-shares");
  world.stack.custody = { ...world.stack.custody, generation: 3 };
  const [, nonce = ""] = /-nonce=([0-9a-f-]{36})/.exec(await expectStop(world, "rekeyed-elsewhere")) ?? [];
  const copied = Object.values(world.vault.storage.backup?.keys_base64 ?? {}).flat();
  const messages = copied.map((message) => ({ recipient: escrow.fingerprint, message }));
  const [share = "", ...others] = await sharesOf(escrow, messages);
  expect(others).toEqual([]);
  await world.vault.rekey.answer(world.vault.storage, "PUT", "update", { key: share, nonce });
  await expectUp(world);
  expect(keysOf(world).shares).not.toEqual(messages);
  world.kube.restartPod("vault-0");
  await expectUp(world);
  expect(leaksOf(world)).toEqual([]);
});

test("new keys that are not in use yet and whose Secrets are gone are made anew, as lost-new-keys says", async () => {
  const world = await running();
  await loseNewKeys(world, "archive-made");
  world.stack.custody = { ...world.stack.custody, generation: 3 };
  await expectStop(world, "foreign-operation");
  const { body } = await world.vault.rekey.answer(world.vault.storage, "GET", "init", {});
  await world.vault.rekey.answer(world.vault.storage, "DELETE", "init", { ...body });
  await expectUp(world);
  world.kube.restartPod("vault-0");
  await expectUp(world);
});
