import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import * as login from "../../../../protocol/database/database-login-resource.ts";
import { PartialFailure } from "../../../../protocol/frame/partial-failure.ts";
import * as leases from "../../../../protocol/database/role-leases-resource.ts";
import type { RoleLeasesInputs, RoleLeasesOutputs } from "../../../../protocol/database/role-leases-resource.ts";
import { unknownValue } from "../../../../protocol/frame/unknown.ts";
import * as unseal from "../../../../protocol/unseal/unseal-resource.ts";
import * as init from "../../../../protocol/init/init-resource.ts";
import { type EscrowPair, makeEscrow } from "../../../support/escrow-key.ts";
import { FakeDatabaseEngine } from "../../../support/fake-database-engine.ts";
import { VaultWorld } from "../../../support/vault-world.ts";

/**
 * What the resources of a database engine ask of Vault, over a fake one. What Postgres does is proved in
 * test/live/long.
 */

let escrow: EscrowPair;
let world: VaultWorld;
let engine: FakeDatabaseEngine;
let inputs: RoleLeasesInputs;

beforeAll(async () => {
  escrow = await makeEscrow();
});

beforeEach(async () => {
  world = await new VaultWorld({ escrow }).listen();
  vi.stubEnv("KUBECONFIG", await world.kube.kubeconfig());
  const made = await init.create(world.stack.initInputs);
  await unseal.create({
    target: world.target,
    keysSecret: "vault-keys",
    keysFingerprint: made.outs?.keysFingerprint ?? "",
    escrowPrivateKey: escrow.privateKey,
    podTemplateHash: "hash",
    protocolVersion: 1,
  });
  engine = new FakeDatabaseEngine();
  world.vault.engine = (request) => engine.answer(request);
  inputs = {
    target: world.target,
    credential: { kind: "token", token: world.vault.operatorToken() },
    mount: "demo-db",
    role: "app",
    roleFingerprint: "fingerprint",
    loginGeneration: "generation",
    protocolVersion: 1,
  };
  return () => world.close();
});

// The other files of this process find the variable as it was, absent if it was absent.
afterAll(() => {
  vi.unstubAllEnvs();
});

async function created(): Promise<RoleLeasesOutputs> {
  const { outs } = await leases.create(inputs);
  if (outs === undefined) throw new Error("nothing was made");
  return outs;
}

test("a role is proved by a login that is gone afterwards", async () => {
  const outs = await created();
  expect(outs.unrevokedLeases).toEqual([]);
  expect(engine.issued).toBe(1);
  expect(engine.leases).toEqual([]);
  expect(await leases.diff("", outs, inputs)).toEqual({ changes: false, replaces: [] });
});

test("a role that issues nothing fails with Vault's own words", async () => {
  engine.refuseToIssue = "permission denied to create role";
  await expect(leases.create(inputs)).rejects.toThrow(
    "demo-db/creds/app: Vault cannot issue a login (permission denied to create role)",
  );
});

test("a role that takes nothing away fails, remembers the login, and takes it away once it can", async () => {
  engine.refuseToRevoke = "must be owner of table orders";
  const failure = await leases.create(inputs).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof PartialFailure)) throw new Error("it did not fail half-way");
  expect(failure.reasons.join()).toContain("cannot take it away (must be owner of table orders)");
  expect(engine.leases).toHaveLength(1);
  const outs = failure.properties as RoleLeasesOutputs;
  expect(outs.unrevokedLeases).toEqual(engine.leases);
  expect(await leases.diff("", outs, inputs)).toMatchObject({ changes: true });
  engine.refuseToRevoke = null;
  expect((await leases.update("", outs, inputs)).outs).toMatchObject({ unrevokedLeases: [] });
  expect(engine.leases).toEqual([]);
});

test("another way to Vault proves nothing anew, another statement does", async () => {
  const outs = await created();
  const other = { ...inputs, credential: { kind: "token", token: world.vault.operatorToken() } } as const;
  expect(await leases.diff("", outs, other)).toMatchObject({ changes: true });
  await leases.update("", outs, other);
  expect(engine.issued).toBe(1);
  await leases.update("", outs, { ...inputs, roleFingerprint: "another" });
  expect(engine.issued).toBe(2);
});

test("a role that is not known yet may change, and is not replaced for that", async () => {
  expect(await leases.diff("", await created(), { ...inputs, role: unknownValue, mount: unknownValue })).toEqual({
    changes: true,
    replaces: [],
  });
});

test("another role has other leases", async () => {
  expect(await leases.diff("", await created(), { ...inputs, role: "other" })).toEqual({
    changes: true,
    replaces: ["role"],
  });
});

test("a role is taken away with every login that is in use", async () => {
  const outs = await created();
  engine.issue("app");
  engine.issue("app");
  engine.issue("other");
  await leases.delete_("", outs);
  expect(engine.leases).toEqual([expect.stringContaining("demo-db/creds/other/") as string]);
  expect(engine.forgotten).toEqual([]);
});

test("a role whose database is gone is forgotten by Vault, and what may be left is listed", async () => {
  const said = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const outs = await created();
  const lease = engine.issue("app");
  engine.refuseToRevoke = "connection refused";
  await leases.delete_("", outs);
  expect(engine.leases).toEqual([]);
  expect(engine.forgotten).toEqual([lease]);
  expect(said.mock.calls.flat().join("\n")).toContain(lease);
  said.mockRestore();
});

test.each([
  "failed to revoke: ERROR: permission denied to alter role (SQLSTATE 42501)",
  "failed to revoke: failed to connect to `host=db`: server error (FATAL: password authentication failed (SQLSTATE 28P01))",
  "failed to persist entry: no space left on device",
  "request rate limit exceeded",
])("a role whose logins are alive is not forgotten: %s", async (refusal) => {
  const outs = await created();
  const lease = engine.issue("app");
  engine.refuseToRevoke = refusal;
  await expect(leases.delete_("", outs)).rejects.toThrow("they go on to work");
  expect(engine.forgotten).toEqual([]);
  expect(engine.leases).toEqual([lease]);
});

test.each([
  "failed to connect to `host=db user=vault database=mydb`: dial error (dial tcp 10.0.0.1:5432: connect: connection refused)",
  "failed to connect to `host=db user=vault database=mydb`: hostname resolving error (lookup db: no such host)",
  "server error (FATAL: the database system is shutting down (SQLSTATE 57P03))",
  'server error (FATAL: database "mydb" does not exist (SQLSTATE 3D000))',
])("a role is forgotten when its database says: %s", async (refusal) => {
  const said = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const outs = await created();
  const lease = engine.issue("app");
  engine.refuseToRevoke = refusal;
  await leases.delete_("", outs);
  expect(engine.forgotten).toEqual([lease]);
  said.mockRestore();
});

test("a role is not taken away while Vault is sealed, which says what to do", async () => {
  const outs = await created();
  world.kube.restartPod("vault-0");
  await expect(leases.delete_("", outs)).rejects.toThrow("run `up` first, which unseals it");
});

test("the login of a connection that was made anew is an update, and of one that is gone it is not", async () => {
  const known = {
    target: world.target,
    credential: inputs.credential,
    mount: "demo-db",
    connection: "demo-db",
    postgres: { kind: "address", host: "127.0.0.1", port: 1, tls: null },
    adminUsername: "postgres",
    adminPassword: "unused",
    username: "vault",
    protocolVersion: 1,
  } as const;
  const outs = { ...known, generation: "first", passwordFingerprint: null };
  engine.connections.set("demo-db", { vaultstack_login: "first" });
  expect(await login.diff("", outs, known)).toEqual({ changes: false });
  engine.connections.set("demo-db", {});
  expect(await login.diff("", outs, known)).toEqual({ changes: true });
  engine.connections.delete("demo-db");
  expect(await login.diff("", outs, known)).toEqual({ changes: false });
});
