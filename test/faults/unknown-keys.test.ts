import { beforeAll, expect, onTestFinished, test } from "vitest";
import { keysFingerprintOf } from "../../protocol/keys/key-set.ts";
import { type KeysRecord, renderRecord } from "../../protocol/keys/keys-record.ts";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { encryptTo } from "../support/fake-answers.ts";
import { storedRecord } from "../support/fault-walk.ts";
import { keysOf } from "../support/key-copies.ts";
import { Stack, VaultWorld, type WorldOptions } from "../support/vault-world.ts";

/** Whose keys are believed. Against fakes; what a real Vault in somebody's hands would do is not tried. */

let escrow: EscrowPair;
let attacker: EscrowPair;

beforeAll(async () => {
  [escrow, attacker] = await Promise.all([makeEscrow(), makeEscrow("attacker")]);
});

async function fresh(options: Omit<WorldOptions, "escrow"> = {}): Promise<VaultWorld> {
  const world = await new VaultWorld({ ...options, escrow }).listen();
  onTestFinished(() => world.close());
  return world;
}

async function running(options: Omit<WorldOptions, "escrow"> = {}): Promise<VaultWorld> {
  const world = await fresh(options);
  expect(await world.stack.up()).toEqual({ kind: "up" });
  return world;
}

/** Initialises Vault with keys the attacker knows, and returns the record that would have the stack adopt them. */
async function forgery(world: VaultWorld): Promise<KeysRecord> {
  await fetch(`http://127.0.0.1:${world.vault.server.port}/v1/sys/init`, {
    method: "PUT",
    body: JSON.stringify({
      secret_shares: 1,
      secret_threshold: 1,
      pgp_keys: [attacker.publicKey],
      root_token_pgp_key: attacker.publicKey,
    }),
  });
  const to = async (text = ""): Promise<{ recipient: string; message: string }> => ({
    recipient: escrow.fingerprint,
    message: await encryptTo(escrow.publicKey, text),
  });
  const shares = [await to(world.vault.storage.shares[0])];
  return {
    state: "initialized",
    version: 1,
    runId: "attacker",
    writtenAt: new Date().toISOString(),
    nodes: [{ pod: "vault-0", uid: "x", claims: {} }],
    secretShares: 1,
    secretThreshold: 1,
    replaces: null,
    initializedAt: new Date().toISOString(),
    initializedPod: "vault-0",
    clusterId: null,
    shares,
    rootToken: await to(world.vault.rootTokens()[0]),
    keysFingerprint: keysFingerprintOf({ shares, secretShares: 1, secretThreshold: 1 }),
  };
}

/** The Secret as a version of this project before this one wrote it, unless there is a proof. */
function put(world: VaultWorld, record: KeysRecord, proof?: string): void {
  world.kube.remove("secrets", "vault-keys");
  world.kube.put("secrets", {
    metadata: { name: "vault-keys" },
    data: {
      "record.json": Buffer.from(renderRecord(record)).toString("base64"),
      ...(proof !== undefined && { "proof.json": proof }),
    },
  });
}

function proofOf(world: VaultWorld): string | undefined {
  const data = world.kube.objects.get("secrets/vault-keys")?.["data"] as Record<string, string> | undefined;
  return data?.["proof.json"];
}

test("keys that somebody put there before the first up are not believed, and no share of theirs is sent", async () => {
  const world = await fresh();
  put(world, await forgery(world));
  const before = storedRecord(world);
  expect(await world.stack.up()).toMatchObject({ kind: "stopped", runbook: "unknown-keys" });
  expect(world.vault.server.log.filter(({ path }) => path === "/v1/sys/unseal")).toEqual([]);
  expect(storedRecord(world)).toEqual(before);
});

test("consent to adopt takes unknown keys over, and from then on they prove themselves", async () => {
  const world = await running();
  put(world, keysOf(world));
  const other = new Stack(world);
  expect(await other.up()).toMatchObject({ kind: "stopped", runbook: "unknown-keys" });
  other.adoptExisting = true;
  expect(await other.up()).toEqual({ kind: "up" });
  expect(await new Stack(world).up()).toEqual({ kind: "up" });
});

test("keys of a stack made before are known by its state, and prove themselves after its next up", async () => {
  const world = await running();
  put(world, keysOf(world));
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(proofOf(world)).toBeDefined();
  expect(await new Stack(world).up()).toEqual({ kind: "up" });
});

test("other keys that say they came after the known ones are not believed, and no share of theirs is sent", async () => {
  const world = await running();
  const before = world.vault.server.log.length;
  put(world, { ...(await forgery(world)), origin: keysOf(world).keysFingerprint });
  expect(await world.stack.up()).toMatchObject({ kind: "stopped", runbook: "wrong-shares" });
  const sent = world.vault.server.log.slice(before).filter(({ path }) => path === "/v1/sys/unseal");
  expect(sent).toEqual([]);
});

test("a record that was edited together with its checksum is damaged", async () => {
  const world = await running();
  put(world, { ...keysOf(world), clusterId: "another" }, proofOf(world));
  expect(await new Stack(world).up()).toMatchObject({ kind: "stopped", runbook: "damaged-keys" });
  expect(await world.stack.up()).toMatchObject({ kind: "stopped", runbook: "damaged-keys" });
});

test("a proof by another key is none", async () => {
  const world = await running();
  const theirs = await new VaultWorld({ escrow: attacker }).listen();
  onTestFinished(() => theirs.close());
  expect(await theirs.stack.up()).toEqual({ kind: "up" });
  const proof = proofOf(theirs);
  expect(proof).toBeDefined();
  put(world, keysOf(world), proof);
  expect(await new Stack(world).up()).toMatchObject({ kind: "stopped", runbook: "unknown-keys" });
});

test("every write of the record renews its proof: after a rekey, a new escrow key and a lost state it is believed", async () => {
  const world = await running({ shares: 3, threshold: 2 });
  world.stack.custody = { ...world.stack.custody, escrow: attacker, previousEscrow: escrow };
  expect(await world.stack.up()).toEqual({ kind: "up" });
  const other = new Stack(world);
  const { shares, threshold, holders, generation } = world.stack.custody;
  other.custody = { escrow: attacker, shares, threshold, holders, generation };
  expect(await other.up()).toEqual({ kind: "up" });
});

test("with a seal that opens Vault by itself, consent never wipes a Vault that is open", async () => {
  const world = await fresh({ shares: 3, threshold: 2, seal: "transit" });
  const servers = [world.kube.server, ...world.vaults.map((vault) => vault.server)];
  for (const server of servers) server.wire = ({ path }) => (path === "/v1/sys/init" ? { kind: "cut-reply" } : null);
  expect(await world.stack.up()).toMatchObject({ kind: "stopped", runbook: "lost-init" });
  for (const server of servers) server.wire = () => null;
  world.stack.allowReinitialize = true;
  const { clusterId } = world.vault.storage;
  const stopped = await world.stack.up();
  expect(stopped).toMatchObject({ kind: "stopped", runbook: "lost-init" });
  expect(stopped.kind === "stopped" && stopped.message).toContain("data-vault-0");
  expect(world.vault.storage.clusterId).toBe(clusterId);
  // A person who knows that nobody uses it wipes it by hand.
  world.kube.loseVolume("vault-0");
  world.stack.allowReinitialize = false;
  expect(await world.stack.up()).toEqual({ kind: "up" });
});
