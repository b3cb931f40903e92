import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { fingerprintsOf, leaksOf, storedRecord } from "../support/fault-walk.ts";
import { Stack, type UpResult, VaultWorld, type WorldOptions } from "../support/vault-world.ts";
import type { Wire } from "../support/wire.ts";

/**
 * Situations an operator meets, each by its name. They prove the protocols against fakes; the live tests prove the
 * fakes.
 */

let escrow: EscrowPair;

beforeAll(async () => {
  escrow = await makeEscrow();
});

async function world(options: Omit<WorldOptions, "escrow"> = {}): Promise<VaultWorld> {
  const made = await new VaultWorld({ ...options, escrow }).listen();
  onTestFinished(() => made.close());
  return made;
}

async function running(options: Omit<WorldOptions, "escrow"> = {}): Promise<VaultWorld> {
  const made = await world(options);
  expect(await made.stack.up()).toEqual({ kind: "up" });
  return made;
}

function runbookOf(result: UpResult): string {
  return result.kind === "stopped" ? result.runbook : result.kind;
}

function wire(made: VaultWorld, decide: Wire): void {
  for (const server of [made.kube.server, ...made.vaults.map((vault) => vault.server)]) server.wire = decide;
}

/** Edits the record in the keys Secret the way a person would. */
function editRecord(made: VaultWorld, edit: (text: string) => string): void {
  made.kube.set("secrets", "vault-keys", (secret) => {
    const data = secret["data"] as Record<string, string>;
    data["record.json"] = Buffer.from(edit(Buffer.from(data["record.json"] ?? "", "base64").toString())).toString(
      "base64",
    );
  });
}

test("a second up changes nothing", async () => {
  const made = await running();
  const before = storedRecord(made);
  const login = made.stack.state.adminAccess?.secretId;
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(storedRecord(made)).toEqual(before);
  expect(made.stack.state.adminAccess?.secretId).toBe(login);
});

test("the root token is dead after the first up, and its copy is gone", async () => {
  const made = await running();
  expect(made.vault.rootTokens()).toEqual([]);
  expect(storedRecord(made)).toMatchObject({ record: { rootToken: null } });
});

test("a lost answer of init stops with the runbook, and nothing is initialised again", async () => {
  const made = await world();
  wire(made, ({ path }) => (path === "/v1/sys/init" ? { kind: "cut-reply" } : null));
  expect(runbookOf(await made.stack.up())).toBe("lost-init");
  wire(made, () => null);
  expect(runbookOf(await made.stack.up())).toBe("lost-init");
  expect(made.inits).toBe(1);
  expect(made.kube.server.log.filter(({ method }) => method === "DELETE")).toEqual([]);
});

test("with consent a lost init is wiped and initialised again", async () => {
  const made = await world();
  wire(made, ({ path }) => (path === "/v1/sys/init" ? { kind: "cut-reply" } : null));
  await made.stack.up();
  wire(made, () => null);
  made.stack.allowReinitialize = true;
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.inits).toBe(2);
});

test("a request for init that never arrives is no lost init", async () => {
  const made = await world();
  let left = 1;
  wire(made, ({ path }) => (path === "/v1/sys/init" && left-- > 0 ? { kind: "cut-request" } : null));
  expect(runbookOf(await made.stack.up())).toBe("failed");
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.inits).toBe(1);
});

test("a denied Secret write is found out before Vault is initialised", async () => {
  const made = await world();
  for (const verbs of [["create"], ["update"], ["create", "update"]]) {
    made.kube.denied.clear();
    verbs.forEach((verb) => made.kube.denied.add(verb));
    expect(runbookOf(await made.stack.up())).toBe("no-rights");
    expect(made.inits).toBe(0);
  }
  made.kube.denied.clear();
  expect(await made.stack.up()).toEqual({ kind: "up" });
});

test("an API server that fails around the write of the keys loses none", async () => {
  const made = await world();
  let left = 4;
  let initialized = false;
  wire(made, ({ server, path }) => {
    initialized ||= path === "/v1/sys/init";
    const failing = initialized && server === "kubernetes" && path.includes("/secrets/") && left-- > 0;
    return failing ? { kind: "answer", status: left % 2 === 0 ? 500 : 429, body: { message: "overloaded" } } : null;
  });
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.inits).toBe(1);
});

test("keys that cannot be written at all wait, encrypted, in the state, and the next up writes them", async () => {
  const made = await world();
  let initialized = false;
  wire(made, ({ method, path }) => {
    initialized ||= path === "/v1/sys/init";
    return initialized && method === "PUT" && path.includes("/secrets/")
      ? { kind: "answer", status: 403, body: {} }
      : null;
  });
  await made.stack.up();
  expect(made.stack.state.init?.unsavedKeys).toBeDefined();
  expect(made.stack.state.init?.__provider).toBe("code");
  expect(leaksOf(made)).toEqual([]);
  wire(made, () => null);
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.stack.state.init?.unsavedKeys).toBeUndefined();
  expect(made.inits).toBe(1);
});

test("two stacks on one namespace initialise it once", async () => {
  const made = await world();
  const other = new Stack(made);
  await Promise.all([made.stack.up(), other.up()]);
  await made.stack.up();
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.inits).toBe(1);
  expect(fingerprintsOf(made)).toHaveLength(1);
});

test("an orphan that still renews its lease makes the next run wait, then say who holds it", async () => {
  const made = await world();
  const never = new Promise<void>(() => undefined);
  const { context } = made.context(({ step, moment }) =>
    step === "initialize" && moment === "before" ? never : Promise.resolve(),
  );
  void made.stack.up(context);
  await expect.poll(() => storedRecord(made).kind).toBe("intent");
  const result = await new Stack(made).up();
  expect(runbookOf(result)).toBe("busy");
  expect(result.kind === "stopped" && result.message).toContain(context.runId);
  expect(made.inits).toBe(0);
});

test("a Vault somebody else initialised is refused and left alone", async () => {
  const made = await world();
  Object.assign(made.vault.storage, { initialized: true, shares: ["a"], threshold: 1 });
  expect(runbookOf(await made.stack.up())).toBe("foreign-vault");
  expect(made.kube.objects.has("secrets/vault-keys")).toBe(false);
  made.stack.allowReinitialize = true;
  expect(runbookOf(await made.stack.up())).toBe("foreign-vault");
});

test("keys without their data stop, and with consent the old keys are archived", async () => {
  const made = await running();
  const old = storedRecord(made);
  made.kube.loseVolume("vault-0");
  expect(runbookOf(await made.stack.up())).toBe("lost-volume");
  expect(storedRecord(made)).toEqual(old);
  expect(made.inits).toBe(1);
  made.stack.allowReinitialize = true;
  expect(await made.stack.up()).toEqual({ kind: "up" });
  const archives = [...made.kube.objects.keys()].filter((key) => key.startsWith("secrets/vault-keys-"));
  expect(archives).toHaveLength(1);
});

test("losing Pulumi's state adopts the keys and makes a new login", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  const before = storedRecord(made);
  const other = new Stack(made);
  expect(await other.up()).toEqual({ kind: "up" });
  expect(storedRecord(made)).toEqual(before);
  expect(made.inits).toBe(1);
  expect(made.vault.rootTokens()).toEqual([]);
});

test.each([
  ["half written", (text: string) => text.slice(0, text.length / 2)],
  ["with a share there twice", (text: string) => doubled(text)],
  ["with garbage for a share", (text: string) => text.replace(/"message": "....../, '"message": "!!!!!!')],
  ["edited", (text: string) => text.replace('"secretThreshold": 2', '"secretThreshold": 1')],
])("a keys Secret %s stops before any share is sent, and is not overwritten", async (_name, edit) => {
  const made = await running({ shares: 3, threshold: 2 });
  made.kube.restartPod("vault-0");
  editRecord(made, edit);
  const before = made.kube.get("secrets", "vault-keys");
  made.vault.server.log.length = 0;
  expect(runbookOf(await made.stack.up())).toBe("damaged-keys");
  expect(made.kube.get("secrets", "vault-keys")).toEqual(before);
  expect(made.vault.server.log.filter(({ path }) => path === "/v1/sys/unseal")).toEqual([]);
});

test("keys of another Vault stop at the first pass of shares and are not tried again", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  made.vault.storage.shares = made.vault.storage.shares.map((share) => share.replace(/^../, "00"));
  made.kube.restartPod("vault-0");
  made.vault.server.log.length = 0;
  expect(runbookOf(await made.stack.up())).toBe("wrong-shares");
  const sent = made.vault.server.log.filter(({ path, body }) => path === "/v1/sys/unseal" && body.includes("key"));
  expect(sent).toHaveLength(2);
});

test("keys rotated by a person are noticed by their number, before any share is sent", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  Object.assign(made.vault.storage, { shares: ["a", "b", "c", "d", "e"], threshold: 3 });
  made.kube.restartPod("vault-0");
  expect(runbookOf(await made.stack.up())).toBe("wrong-shares");
});

test("shares of other holders are asked for by name, and only the stack's own is given", async () => {
  const stranger = await makeEscrow("stranger");
  const made = await world({ shares: 3, threshold: 2, holders: [stranger.publicKey, stranger.publicKey] });
  const result = await made.stack.up();
  expect(runbookOf(result)).toBe("missing-shares");
  expect(result.kind === "stopped" && result.message).toContain(stranger.fingerprint);
  expect(made.vault.server.log.filter(({ path }) => path === "/v1/sys/unseal")).toHaveLength(1);
});

test("a restarted pod is unsealed, never initialised", async () => {
  const made = await running({ shares: 5, threshold: 3 });
  made.kube.restartPod("vault-0");
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.vault.sealed).toBe(false);
  expect(made.inits).toBe(1);
});

test("all pods of a cluster restarted at once are unsealed", async () => {
  const made = await running({ pods: 3, shares: 3, threshold: 2 });
  for (const pod of made.target.pods) made.kube.restartPod(pod);
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.inits).toBe(1);
});

test("a cluster whose pod 0 lost its volume gets it back by joining, never by initialising", async () => {
  const made = await running({ pods: 3, shares: 3, threshold: 2 });
  const [first, second] = made.vaults;
  if (first === undefined || second === undefined) throw new Error("three pods were asked for");
  made.kube.loseVolume("vault-0");
  // The others elected a new leader meanwhile, which the empty node joins.
  second.leader = null;
  first.leader = second;
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.inits).toBe(1);
  expect(first.sealed).toBe(false);
});

test("a half-finished manual unseal is reset first", async () => {
  const made = await running({ shares: 5, threshold: 3 });
  made.kube.restartPod("vault-0");
  made.vault.submit("0".repeat(66));
  expect(await made.stack.up()).toEqual({ kind: "up" });
});

test("a removed node stops and names the node", async () => {
  const made = await running({ pods: 3, shares: 3, threshold: 2 });
  const third = made.vaults[2];
  Object.assign(third ?? {}, { removed: true, sealed: true });
  const result = await made.stack.up();
  expect(runbookOf(result)).toBe("removed-node");
  expect(result.kind === "stopped" && result.message).toContain("vault-2");
});

test("a storage that broke while it was initialised stops with what to wipe", async () => {
  const made = await world();
  made.vault.storage.broken = true;
  expect(runbookOf(await made.stack.up())).toBe("broken-init");
});

test("a lost login is rebuilt from the shares, and no root token stays", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  made.vault.storage.roles.clear();
  made.vault.storage.mounts.delete("approle-pulumi/");
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.vault.rootTokens()).toEqual([]);
  expect(made.vault.hasGenerateRoot).toBe(false);
});

test("a login whose policy was taken away is rebuilt with it", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  made.vault.storage.policies.clear();
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.vault.storage.policies.has("pulumi-admin")).toBe(true);
});

test("somebody else's generate-root is not cancelled", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  made.vault.storage.roles.clear();
  made.vault.startForeignGenerateRoot();
  expect(runbookOf(await made.stack.up())).toBe("foreign-operation");
  expect(made.vault.hasGenerateRoot).toBe(true);
});

test("a share of a generate-root that got lost on its way is given again in the same run", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  made.vault.storage.roles.clear();
  let shares = 0;
  wire(made, ({ path }) => (path.endsWith("generate-root/update") && ++shares === 2 ? { kind: "cut-request" } : null));
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(shares).toBe(3);
  expect(made.vault.rootTokens()).toEqual([]);
});

test("an operator's own root token is left alone", async () => {
  const made = await running();
  const token = made.vault.operatorToken();
  made.vault.storage.roles.clear();
  expect(await made.stack.up()).toEqual({ kind: "up" });
  expect(made.vault.rootTokens()).toEqual([token]);
});

test("a keys Secret that is gone stops the next unseal and says so, whatever the state remembers", async () => {
  const made = await running();
  made.kube.remove("secrets", "vault-keys");
  expect(runbookOf(await made.stack.up())).toBe("lost-keys");
  expect(made.inits).toBe(1);
});

test("no share, token or login stands anywhere in plain text after a life of faults", async () => {
  const made = await running({ shares: 3, threshold: 2 });
  made.kube.restartPod("vault-0");
  await made.stack.up();
  made.vault.storage.roles.clear();
  await made.stack.up();
  made.kube.loseVolume("vault-0");
  await made.stack.up();
  expect(made.vault.secrets.length).toBeGreaterThan(8);
  expect(leaksOf(made)).toEqual([]);
});

function doubled(text: string): string {
  const record = JSON.parse(text) as { shares: object[] };
  return JSON.stringify({ ...record, shares: [record.shares[0], record.shares[0], record.shares[2]] });
}

test("an unsealed pod that Services do not lead to stops with Kubernetes' reason, and its keys are bound all the same", async () => {
  const made = await world({ speed: 100 });
  made.probeBlocked = true;
  expect(runbookOf(await made.stack.up())).toBe("not-ready");
  expect(made.stack.messages.join()).toContain("pod vault-0: ContainersNotReady");
  expect(storedRecord(made)).toMatchObject({ record: { clusterId: made.vault.storage.clusterId } });
  made.probeBlocked = false;
  expect(await made.stack.up()).toEqual({ kind: "up" });
});
