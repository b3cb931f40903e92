import { beforeAll, expect, onTestFinished, test } from "vitest";
import type { StepEvent } from "../../protocol/frame/steps.ts";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { areKept, giveShares, keysOf } from "../support/key-copies.ts";
import { VaultWorld, type WorldOptions } from "../support/vault-world.ts";
import type { Wire } from "../support/wire.ts";

/**
 * People and storages act while a rekey is looked at. The keys that Vault uses afterwards must be in a Secret, and must
 * be the ones the stack goes by. It does not prove that Vault's own words are these: the live tests do.
 */

let escrow: EscrowPair;
let alice: EscrowPair;
let bob: EscrowPair;
let carol: EscrowPair;

beforeAll(async () => {
  [escrow, alice, bob, carol] = (await Promise.all(
    ["escrow", "alice", "bob", "carol"].map((name) => makeEscrow(name)),
  )) as [EscrowPair, EscrowPair, EscrowPair, EscrowPair];
});

async function running(options: Omit<WorldOptions, "escrow"> = {}): Promise<VaultWorld> {
  const world = await new VaultWorld({ ...options, escrow }).listen();
  onTestFinished(() => world.close());
  expect(await world.stack.up()).toEqual({ kind: "up" });
  return world;
}

function editTo(world: VaultWorld, people: readonly EscrowPair[], shares: number, threshold: number): void {
  const holders = people.map(({ publicKey }) => publicKey);
  world.stack.custody = { ...world.stack.custody, shares, threshold, holders };
}

/** Does something at one moment of an `up`, once. */
async function upWith(
  world: VaultWorld,
  at: Pick<StepEvent, "step" | "moment">,
  act: () => Promise<void>,
): Promise<unknown> {
  let done = false;
  const { context } = world.context(async ({ protocol, step, moment }) => {
    if (done || protocol !== "rekey" || step !== at.step || moment !== at.moment) return;
    done = true;
    await act();
  });
  const result = await world.stack.up(context);
  expect(done, "the moment was never reached").toBe(true);
  return result;
}

function wire(world: VaultWorld, decide: Wire): void {
  for (const server of [world.kube.server, ...world.vaults.map((vault) => vault.server)]) server.wire = decide;
}

test("the last holder shows a share while up logs in: the new keys are the ones the stack goes by", async () => {
  const world = await running();
  editTo(world, [alice, bob], 2, 2);
  await world.stack.up();
  const made = keysOf(world).pending?.shares ?? [];
  await giveShares(world, [alice], made);
  const result = await upWith(world, { step: "log-in", moment: "before" }, () => giveShares(world, [bob], made));
  expect(result).toEqual({ kind: "up" });
  expect(keysOf(world).shares).toEqual(made);
  expect(areKept(world, made)).toBe(true);
});

test.each(["find-leader", "log-in", "look-at-operation", "archive-new"])(
  "the last holder shows a share before the step %s: the keys in use are kept, and the next up goes by them",
  async (step) => {
    const world = await running();
    editTo(world, [alice, bob], 2, 2);
    await world.stack.up();
    const made = keysOf(world).pending?.shares ?? [];
    await giveShares(world, [alice], made);
    await upWith(world, { step, moment: "before" }, () => giveShares(world, [bob], made));
    expect(world.vault.storage.rekeys).toBe(1);
    expect(areKept(world, made)).toBe(true);
    expect(await world.stack.up()).toEqual({ kind: "up" });
    expect(keysOf(world).shares).toEqual(made);
  },
);

test("the settings change again while the last holder shows a share: the keys in use are kept and gone by", async () => {
  const world = await running();
  editTo(world, [alice, bob], 2, 2);
  await world.stack.up();
  const made = keysOf(world).pending?.shares ?? [];
  await giveShares(world, [alice], made);
  editTo(world, [alice, carol], 2, 2);
  const result = await upWith(world, { step: "drop-pending", moment: "before" }, () => giveShares(world, [bob], made));
  expect(world.vault.storage.rekeys).toBe(1);
  expect(areKept(world, made)).toBe(true);
  // What remains to be done is the edit: the holders of the keys in use are asked for their shares.
  expect(result).toMatchObject({ kind: "stopped", runbook: "missing-shares" });
  expect(keysOf(world).shares).toEqual(made);
});

test.each([
  "failed to read root key: failed to fetch stored keys: context deadline exceeded",
  "failed to read root key: failed to decrypt keys from storage: context canceled",
  "failed to fetch existing config: storage is full",
  "failed to save unseal key backup: no space left on device",
])("Vault cannot read its storage while it judges (%s): nothing is concluded from it", async (words) => {
  const world = await running({ shares: 3, threshold: 2 });
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  let shown = 0;
  wire(world, ({ path }) => (path.endsWith("/sys/rekey/verify") && ++shown === 2 ? { kind: "cut-reply" } : null));
  await world.stack.up();
  const made = keysOf(world).pending?.shares ?? [];
  expect(world.vault.storage.rekeys).toBe(1);
  let given = 0;
  wire(world, ({ path }) =>
    path.endsWith("/sys/rekey/update") && ++given === 2
      ? { kind: "answer", status: 500, body: { errors: [words] } }
      : null,
  );
  expect(await world.stack.up()).toMatchObject({ kind: "failed" });
  expect(keysOf(world).pending?.shares).toEqual(made);
  expect(world.vault.rekey.underWay, "the trial is not left behind").toBe(false);
  wire(world, () => null);
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(keysOf(world).shares).toEqual(made);
  world.kube.restartPod("vault-0");
  expect(await world.stack.up()).toEqual({ kind: "up" });
});

test("a seal that cannot be reached is no wrong recovery share", async () => {
  const world = await running({ shares: 3, threshold: 2, seal: "transit" });
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  const words = "recovery key verification failed: failed to decrypt encrypted stored keys: connection refused";
  wire(world, ({ path }) =>
    path.endsWith("/sys/rekey-recovery-key/update") ? { kind: "answer", status: 400, body: { errors: [words] } } : null,
  );
  expect(await world.stack.up()).toMatchObject({ kind: "failed" });
  wire(world, () => null);
  expect(await world.stack.up()).toEqual({ kind: "up" });
});

test("a name of the archive that something else has is left to it, and the old keys are kept under another", async () => {
  const world = await running();
  const old = keysOf(world);
  const name = `vault-keys-${old.keysFingerprint.slice(7, 19)}`;
  world.kube.put("secrets", { metadata: { name }, data: {} });
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(areKept(world, old.shares)).toBe(true);
  expect(world.kube.get("secrets", name)?.["data"]).toEqual({});
});

test("keys that are archived already are not archived twice", async () => {
  const world = await running();
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  expect(await world.stack.up()).toEqual({ kind: "up" });
  world.stack.custody = { ...world.stack.custody, generation: 3 };
  expect(await world.stack.up()).toEqual({ kind: "up" });
  const archives = [...world.kube.objects.keys()].filter((key) => key.startsWith("secrets/vault-keys-"));
  expect(archives.filter((key) => /-\d$/.test(key))).toEqual([]);
});

test("a person deletes the keys Secret when new keys were just taken into use: they are in another one", async () => {
  const world = await running();
  world.stack.custody = { ...world.stack.custody, generation: 2 };
  let made: ReturnType<typeof keysOf>["shares"] = [];
  await upWith(world, { step: "verify-shares", moment: "after" }, () => {
    made = keysOf(world).pending?.shares ?? [];
    world.kube.remove("secrets", "vault-keys");
    return Promise.resolve();
  });
  expect(world.vault.storage.rekeys).toBe(1);
  expect(made).toHaveLength(1);
  expect(areKept(world, made)).toBe(true);
});

test("an edit of the keys Secret between two looks of a consented start-over is not overwritten unarchived", async () => {
  const world = await running();
  const first = keysOf(world);
  const other = await running();
  const stranger = other.kube.get("secrets", "vault-keys");
  world.kube.loseVolume("vault-0");
  world.stack.allowReinitialize = true;
  const { context } = world.context(({ protocol, step, moment }) => {
    if (protocol === "init" && step === "archive-keys" && moment === "after") {
      world.kube.set("secrets", "vault-keys", (secret) => {
        secret["data"] = structuredClone(stranger?.["data"]);
      });
    }
    return Promise.resolve();
  });
  await world.stack.up(context);
  await world.stack.up();
  expect(areKept(world, first.shares), "the keys of the lost volume").toBe(true);
  expect(areKept(world, keysOf(other).shares), "the keys somebody put there").toBe(true);
});
