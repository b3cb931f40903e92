import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Secret, type PropertyMap } from "../../../sandbox/plugins/shared/property.ts";
import { vaultProvider } from "../../../sandbox/plugins/vault/provider.ts";
import { goIdentity, toolBinary } from "../../../sandbox/toolchain/tool-cache.ts";
import { PluginClient } from "../../../sandbox/test/support/plugin-client.ts";

// Proves every type of the Vault stand-in against a real Vault in development mode: create, read without drift, drift,
// update, delete, and what is gone. Needs the sandbox's Vault to have been built. Does not prove that the official
// provider does the same.

const rootToken = "development-root";

let folder: string;
let server: ChildProcess;
let address: string;
let client: PluginClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vault-plugin-"));
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  server = spawn(
    toolBinary("vault", await goIdentity()),
    ["server", "-dev", "-dev-no-store-token", `-dev-listen-address=127.0.0.1:${port}`],
    { env: { HOME: folder, VAULT_DEV_ROOT_TOKEN_ID: rootToken }, stdio: "ignore" },
  );
  await serving();
  client = await PluginClient.serve(vaultProvider({}, 1));
  await client.configure({ address, token: new Secret(rootToken), skipChildToken: "true" });
});

afterAll(() => {
  client.close();
  server.kill();
  rmSync(folder, { recursive: true });
});

interface Existing {
  readonly type: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

async function create(type: string, given: PropertyMap): Promise<Existing> {
  const { inputs, faults } = await client.check(type, given);
  expect(faults).toEqual([]);
  return { type, inputs, ...(await client.create(type, inputs)) };
}

/** Reads a resource and compares: no drift right after a create or update. */
async function driftOf({ type, id, inputs, outputs }: Existing): Promise<readonly string[] | "gone"> {
  const live = await client.read(type, id, inputs, outputs);
  if (live === undefined) return "gone";
  return Object.keys((await client.diff(type, id, live.inputs, inputs, live.outputs)).details);
}

async function update(existing: Existing, changes: PropertyMap): Promise<Existing> {
  const { type, id, inputs, outputs } = existing;
  const { inputs: news, faults } = await client.check(type, { ...inputs, ...changes });
  expect(faults).toEqual([]);
  return { ...existing, inputs: news, outputs: await client.update(type, id, inputs, news, { oldOutputs: outputs }) };
}

async function remove({ type, id, outputs, inputs }: Existing): Promise<void> {
  await client.delete(type, id, outputs, inputs);
  // Deleting what is gone is no failure: a run that was cut off is run again.
  await client.delete(type, id, outputs, inputs);
}

async function vault(method: string, path: string, body?: object): Promise<Record<string, unknown> | undefined> {
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    headers: { "X-Vault-Token": rootToken },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status === 404 || text === "") return undefined;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (JSON.parse(text) as { data?: Record<string, unknown> }).data;
}

describe("Mount", () => {
  const type = "vault:index/mount:Mount";

  test("lives from create to delete, and moves with its data", async () => {
    const mount = await create(type, {
      path: "apps",
      type: "kv-v2",
      description: "a",
      maxLeaseTtlSeconds: 7_200,
      listingVisibility: "hidden",
    });
    expect(mount.outputs).toMatchObject({ maxLeaseTtlSeconds: 7_200, type: "kv-v2" });
    expect(await driftOf(mount)).toEqual([]);
    await vault("POST", "apps/data/kept", { data: { a: "1" } });
    await vault("POST", "sys/mounts/apps/tune", { description: "changed" });
    expect(await driftOf(mount)).toEqual(["description"]);
    const moved = { ...(await update(mount, { description: "b", path: "moved/deep" })), id: "moved/deep" };
    expect(await driftOf(moved)).toEqual([]);
    expect(await vault("GET", "moved/deep/data/kept")).toMatchObject({ data: { a: "1" } });
    await remove(moved);
    expect(await driftOf(moved)).toBe("gone");
  });

  test("rejects a path that is taken", async () => {
    const mount = await create(type, { path: "taken", type: "kv" });
    await expect(client.create(type, { path: "taken", type: "kv" })).rejects.toThrow(
      "(path is already in use at taken/); choose another path, or import what is there",
    );
    await remove(mount);
  });

  test("replaces when its type changes", async () => {
    expect((await client.diff(type, "a", { path: "a", type: "kv" }, { path: "a", type: "transit" })).replaces).toEqual([
      "type",
    ]);
  });

  test("is imported by its path", async () => {
    const mount = await create(type, { path: "imported", type: "kv", options: { version: "2" }, description: "d" });
    const live = await client.read(type, "imported");
    expect(live?.inputs).toEqual({ path: "imported", type: "kv", options: { version: "2" }, description: "d" });
    await remove(mount);
  });
});

describe("AuthBackend", () => {
  const type = "vault:index/authBackend:AuthBackend";

  test("lives from create to delete, and moves", async () => {
    const tune = {
      defaultLeaseTtl: "30m",
      maxLeaseTtl: "1h",
      listingVisibility: "unauth",
      tokenType: "default-service",
    };
    const auth = await create(type, { type: "kubernetes", description: "a", tune });
    expect(auth).toMatchObject({
      id: "kubernetes",
      outputs: { path: "kubernetes", accessor: expect.stringContaining("auth_") as string },
    });
    expect(await driftOf(auth)).toEqual([]);
    expect(await vault("GET", "sys/mounts/auth/kubernetes/tune")).toMatchObject({
      default_lease_ttl: 1_800,
      max_lease_ttl: 3_600,
    });
    await vault("POST", "sys/mounts/auth/kubernetes/tune", { listing_visibility: "hidden" });
    expect(await driftOf(auth)).toEqual(["tune.listingVisibility"]);
    const moved = { ...(await update(auth, { path: "cluster", description: "b" })), id: "cluster" };
    expect(await driftOf(moved)).toEqual([]);
    await remove(moved);
    expect(await driftOf(moved)).toBe("gone");
  });

  test("replaces instead of moving when told to", async () => {
    const olds = { type: "kubernetes", path: "a", disableRemount: true };
    expect((await client.diff(type, "a", olds, { ...olds, path: "b" })).replaces).toEqual(["path"]);
  });
});

describe("Policy", () => {
  const type = "vault:index/policy:Policy";
  const text = 'path "apps/data/*" { capabilities = ["read"] }\n';

  test("overwrites, and is written again when it was deleted behind our back", async () => {
    await vault("PUT", "sys/policies/acl/web", { policy: 'path "x" { capabilities = ["read"] }' });
    const policy = await create(type, { name: "web", policy: text });
    expect(await driftOf(policy)).toEqual([]);
    await vault("DELETE", "sys/policies/acl/web");
    expect(await driftOf(policy)).toEqual(["policy"]);
    expect(await driftOf(await update(policy, {}))).toEqual([]);
    await remove(policy);
  });

  test("rejects a text that is no policy", async () => {
    await expect(client.create(type, { name: "bad", policy: 'path "x" { capabilities = ["fly"] }' })).rejects.toThrow(
      "got 400",
    );
  });
});

describe("Audit", () => {
  const type = "vault:index/audit:Audit";

  test("lives from create to delete and replaces for every change", async () => {
    const audit = await create(type, { type: "file", options: { file_path: join(folder, "audit.log") } });
    expect(await driftOf(audit)).toEqual([]);
    expect((await client.diff(type, audit.id, audit.inputs, { ...audit.inputs, description: "d" })).replaces).toEqual([
      "description",
    ]);
    await expect(client.create(type, audit.inputs)).rejects.toThrow("choose another path");
    await remove(audit);
    expect(await driftOf(audit)).toBe("gone");
  });
});

describe("SecretV2", () => {
  const type = "vault:kv/secretV2:SecretV2";
  const dataJson = new Secret(JSON.stringify({ user: "web", password: "hunter2" }));

  test("lives from create to delete without its data in any plain output", async () => {
    const mount = await create("vault:index/mount:Mount", { path: "kv", type: "kv-v2" });
    const settings = await create("vault:kv/secretBackendV2:SecretBackendV2", {
      mount: "kv",
      maxVersions: 5,
      deleteVersionAfter: 7_200,
    });
    expect(await driftOf(settings)).toEqual([]);
    const inputs = {
      mount: "kv",
      name: "web/config",
      dataJson,
      deleteAllVersions: true,
      customMetadata: { maxVersions: 3, data: { owner: "a" } },
    };
    const secret = await create(type, inputs);
    expect(secret).toMatchObject({
      id: "kv/data/web/config",
      outputs: { path: "kv/data/web/config", dataJson: expect.any(Secret) as Secret },
    });
    expect(await driftOf(secret)).toEqual([]);
    expect(await vault("GET", "kv/data/web/config")).toMatchObject({ data: { password: "hunter2" } });
    await vault("POST", "kv/metadata/web/config", { custom_metadata: { owner: "b" } });
    expect(await driftOf(secret)).toEqual(["customMetadata.data.owner"]);
    const updated = await update(secret, { dataJson: new Secret('{"user":"other"}') });
    expect(updated.outputs["metadata"]).toMatchObject({ version: "2" });
    await remove(updated);
    expect(await driftOf(updated)).toBe("gone");
    await remove(mount);
    expect(await driftOf(settings)).toBe("gone");
  });

  test("keeps its metadata when deleted by default", async () => {
    const mount = await create("vault:index/mount:Mount", { path: "kept", type: "kv-v2" });
    const secret = await create(type, { mount: "kept", name: "web", dataJson });
    await remove(secret);
    expect(await vault("GET", "kept/metadata/web")).toMatchObject({ current_version: 1 });
    await remove(mount);
  });

  test("takes differently written JSON for the same", async () => {
    const olds = { mount: "kv", name: "a", dataJson: new Secret('{"a":1,"b":2}') };
    expect((await client.diff(type, "a", olds, { ...olds, dataJson: new Secret('{ "b": 2, "a": 1 }') })).changed).toBe(
      false,
    );
  });
});

describe("Kubernetes login", () => {
  test("lives from create to delete", async () => {
    const auth = await create("vault:index/authBackend:AuthBackend", { type: "kubernetes", path: "k8s" });
    const config = await create("vault:kubernetes/authBackendConfig:AuthBackendConfig", {
      backend: "k8s",
      kubernetesHost: "https://kubernetes.default.svc",
      kubernetesCaCert: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
      tokenReviewerJwt: new Secret("reviewer"),
      disableLocalCaJwt: true,
    });
    expect(config.outputs["tokenReviewerJwt"]).toBeInstanceOf(Secret);
    expect(await driftOf(config)).toEqual([]);
    const role = await create("vault:kubernetes/authBackendRole:AuthBackendRole", {
      backend: "k8s",
      roleName: "web",
      boundServiceAccountNames: ["b", "a"],
      boundServiceAccountNamespaces: ["web"],
      tokenPolicies: ["web", "base"],
      tokenBoundCidrs: ["10.0.0.1/32", "10.1.0.0/16"],
      tokenTtl: 600,
      audience: "vault",
    });
    expect(await driftOf(role)).toEqual([]);
    await vault("POST", "auth/k8s/role/web", { token_policies: ["web"] });
    expect(await driftOf(role)).toEqual(["tokenPolicies"]);
    const kept = Object.entries(role.inputs).filter(([key]) => key !== "audience");
    const news = { ...Object.fromEntries(kept), tokenTtl: 700 };
    await client.update(role.type, role.id, role.inputs, news);
    const written = await vault("GET", "auth/k8s/role/web");
    expect(written).toMatchObject({ token_ttl: 700 });
    expect(written).not.toHaveProperty("audience");
    expect(await driftOf({ ...role, inputs: news })).toEqual([]);
    await remove(role);
    expect(await driftOf(role)).toBe("gone");
    await remove(config);
    await remove(auth);
    expect(await driftOf(config)).toBe("gone");
  });
});

describe("LDAP login", () => {
  const type = "vault:ldap/authBackend:AuthBackend";
  const given = {
    url: "ldap://ldap.example.com",
    binddn: "cn=vault,dc=example",
    bindpass: new Secret("hunter2"),
    userdn: "ou=users,dc=example",
    userattr: "UID",
    tlsMaxVersion: "tls13",
    certificate: "",
    tokenTtl: 3_600,
  };

  test("lives from create to delete, moves, and never tells the bind password", async () => {
    const auth = await create(type, given);
    expect(auth).toMatchObject({ id: "ldap", outputs: { userattr: "uid", groupattr: "cn", denyNullBind: true } });
    expect(auth.outputs["bindpass"]).toBeInstanceOf(Secret);
    expect(await driftOf(auth)).toEqual([]);
    await vault("POST", "auth/ldap/config", { binddn: "cn=other" });
    expect(await driftOf(auth)).toEqual(["binddn"]);
    const moved = { ...(await update(auth, { path: "people", userdn: "ou=people,dc=example" })), id: "people" };
    expect(await driftOf(moved)).toEqual([]);
    expect(await vault("GET", "auth/people/config")).toMatchObject({
      binddn: "cn=vault,dc=example",
      userdn: "ou=people,dc=example",
    });
    await remove(moved);
    expect(await driftOf(moved)).toBe("gone");
  });

  test("leaves in Vault what is emptied, as the official provider does", async () => {
    const auth = await create(type, { ...given, path: "emptied" });
    const emptied = await update(auth, { binddn: "" });
    expect(emptied.outputs).toMatchObject({ binddn: "cn=vault,dc=example" });
    await remove(emptied);
  });

  test("maps groups and people, and takes the maps away", async () => {
    const auth = await create(type, { ...given, path: "staff" });
    const group = await create("vault:ldap/authBackendGroup:AuthBackendGroup", {
      backend: "staff",
      groupname: "Developers",
      policies: ["write", "read"],
    });
    expect(group.id).toBe("auth/staff/groups/Developers");
    expect(await driftOf(group)).toEqual([]);
    await vault("POST", "auth/staff/groups/developers", { policies: ["root"] });
    expect(await driftOf(group)).toEqual(["policies"]);
    expect(await driftOf(await update(group, { policies: ["read"] }))).toEqual([]);
    const user = await create("vault:ldap/authBackendUser:AuthBackendUser", {
      backend: "staff",
      username: "ada",
      groups: ["ops", "admins"],
      policies: [],
    });
    expect(await driftOf(user)).toEqual([]);
    const alone = await update(user, { groups: [], policies: ["read"] });
    expect(await driftOf(alone)).toEqual([]);
    expect(await vault("GET", "auth/staff/users/ada")).toEqual({ groups: "", policies: ["read"] });
    for (const gone of [alone, group]) {
      await remove(gone);
      expect(await driftOf(gone)).toBe("gone");
    }
    await remove(auth);
  });
});

describe("JWT login", () => {
  const type = "vault:jwt/authBackend:AuthBackend";
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString().trim();
  const given = { jwtValidationPubkeys: [pem], jwtSupportedAlgs: ["ES256"], boundIssuer: "https://ci.example.com" };

  test("lives from create to delete, and moves", async () => {
    const auth = await create(type, given);
    expect(auth).toMatchObject({ id: "jwt", outputs: { type: "jwt", jwksUrl: "" } });
    expect(await driftOf(auth)).toEqual([]);
    await vault("POST", "auth/jwt/config", { jwt_validation_pubkeys: [pem], bound_issuer: "https://other.test" });
    expect(await driftOf(auth)).toEqual(["boundIssuer", "jwtSupportedAlgs"]);
    const moved = { ...(await update(auth, { path: "ci", boundIssuer: "https://new.test" })), id: "ci" };
    expect(await driftOf(moved)).toEqual([]);
    expect(await vault("GET", "auth/ci/config")).toMatchObject({ bound_issuer: "https://new.test" });
    await remove(moved);
    expect(await driftOf(moved)).toBe("gone");
  });

  test("leaves the mount to the state when Vault refuses the settings, so that the next run goes on", async () => {
    const jwksUrl = `http://127.0.0.1:${await freePort()}/keys`;
    await expect(client.create(type, { path: "half", jwksUrl })).rejects.toThrow(/error checking jwks URL/);
    expect(await vault("GET", "sys/auth/half")).toMatchObject({ type: "jwt" });
    const half = { type, id: "half", inputs: { path: "half", jwksUrl }, outputs: {} };
    const mended = await update({ ...half, inputs: { path: "half" } }, given);
    expect(await driftOf(mended)).toEqual([]);
    await remove(mended);
  });

  test("binds roles to claims, of which several values are one text, and takes them away", async () => {
    const auth = await create(type, { ...given, path: "pipelines" });
    const role = await create("vault:jwt/authBackendRole:AuthBackendRole", {
      backend: "pipelines",
      roleName: "deploy",
      roleType: "jwt",
      userClaim: "sub",
      boundAudiences: ["vault", "other"],
      boundSubject: "a",
      boundClaims: { ref: "main,release", repository: "shop/app" },
      boundClaimsType: "glob",
      tokenPolicies: ["web"],
      tokenTtl: 600,
    });
    expect(role.id).toBe("auth/pipelines/role/deploy");
    expect(await driftOf(role)).toEqual([]);
    expect(await vault("GET", role.id)).toMatchObject({
      bound_claims: { ref: ["main", "release"], repository: "shop/app" },
    });
    await vault("POST", role.id, { role_type: "jwt", bound_claims_type: "glob", bound_claims: { ref: "any" } });
    expect(await driftOf(role)).toEqual(["boundClaims.ref", "boundClaims.repository"]);
    const kept = Object.entries(role.inputs).filter(([key]) => key !== "boundSubject" && key !== "boundClaims");
    const news = Object.fromEntries(kept);
    await client.update(role.type, role.id, role.inputs, news);
    expect(await vault("GET", role.id)).toMatchObject({ bound_claims: {}, bound_subject: "" });
    expect(await driftOf({ ...role, inputs: news })).toEqual([]);
    await remove(role);
    expect(await driftOf(role)).toBe("gone");
    await remove(auth);
  });
});

describe("AppRole", () => {
  test("lives from create to delete, and its secret opens a session", async () => {
    const auth = await create("vault:index/authBackend:AuthBackend", { type: "approle", path: "machines" });
    const role = await create("vault:appRole/authBackendRole:AuthBackendRole", {
      backend: "machines",
      roleName: "ci",
      tokenPolicies: ["web"],
      tokenTtl: 60,
    });
    expect(await driftOf(role)).toEqual([]);
    const renamed = await update(role, { roleId: "ci-role", tokenTtl: 90 });
    expect(renamed.outputs).toMatchObject({ roleId: "ci-role", tokenTtl: 90 });
    const metadata = JSON.stringify({ team: "a" });
    const secret = await create("vault:appRole/authBackendRoleSecretId:AuthBackendRoleSecretId", {
      backend: "machines",
      roleName: "ci",
      metadata,
      cidrLists: ["127.0.0.1/32"],
    });
    const secretId = secret.outputs["secretId"];
    expect(secretId).toBeInstanceOf(Secret);
    expect(await driftOf(secret)).toEqual([]);
    const parameters = { role_id: "ci-role", secret_id: secretId instanceof Secret ? secretId.value : "" };
    const session = await PluginClient.serve(vaultProvider({}, 1));
    await session.configure({
      address,
      authLogin: new Secret(JSON.stringify({ path: "auth/machines/login", parameters })),
      skipChildToken: "true",
      maxRetries: "0",
    });
    await expect(session.create("vault:index/policy:Policy", { name: "not-allowed", policy: "" })).rejects.toThrow(
      "got 403",
    );
    session.close();
    await remove(secret);
    expect(await driftOf(secret)).toBe("gone");
    await remove(role);
    await remove(auth);
  });

  test("takes a secret for gone when its role is", async () => {
    const auth = await create("vault:index/authBackend:AuthBackend", { type: "approle", path: "gone" });
    const role = await create("vault:appRole/authBackendRole:AuthBackendRole", { backend: "gone", roleName: "ci" });
    const secret = await create("vault:appRole/authBackendRoleSecretId:AuthBackendRoleSecretId", {
      backend: "gone",
      roleName: "ci",
    });
    await remove(role);
    expect(await driftOf(secret)).toBe("gone");
    await remove(auth);
  });
});

async function serving(): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    try {
      if ((await fetch(`${address}/v1/sys/health`)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await delay(100);
  }
  throw new Error("Vault does not serve; was it built? The sandbox's up builds it");
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

describe("database and transit", () => {
  const connectionType = "vault:database/secretBackendConnection:SecretBackendConnection";
  const roleType = "vault:database/secretBackendRole:SecretBackendRole";
  const keyType = "vault:transit/secretBackendKey:SecretBackendKey";
  const connectionUrl = "postgresql://{{username}}:{{password}}@127.0.0.1:1/app?sslmode=disable";

  function postgresql(more: PropertyMap = {}): PropertyMap {
    return { connectionUrl, username: "vault", passwordAuthentication: "scram-sha-256", ...more };
  }

  test("a connection lives from create to delete, and never sends a password twice", async () => {
    const mount = await create("vault:index/mount:Mount", { path: "db", type: "database" });
    const connection = await create(connectionType, {
      backend: "db",
      name: "main",
      allowedRoles: ["app"],
      verifyConnection: false,
      postgresql: postgresql({ password: new Secret("first-password"), maxOpenConnections: 8 }),
    });
    expect(connection.id).toBe("db/config/main");
    expect(await driftOf(connection)).toEqual([]);
    // What another hand has put there stays, since nothing of it is the program's.
    await vault("POST", "db/config/main", { password: "rotated", verify_connection: false, note: "by-hand" });
    const updated = await update(connection, { allowedRoles: ["app", "other"] });
    expect(await driftOf(updated)).toEqual([]);
    expect(await vault("GET", "db/config/main")).toMatchObject({
      allowed_roles: ["app", "other"],
      connection_details: { note: "by-hand", max_open_connections: 8, username: "vault" },
    });
    await vault("POST", "db/config/main", { allowed_roles: "none", verify_connection: false });
    expect(await driftOf(updated)).toEqual(["allowedRoles"]);
    await remove(updated);
    expect(await driftOf(updated)).toBe("gone");
    await remove(mount);
  });

  test("a connection is to exactly one kind of database", async () => {
    const given = { backend: "db", name: "main" };
    expect((await client.check(connectionType, given)).faults.join()).toContain("must be one database");
    const both = { ...given, postgresql: postgresql(), mysql: { connectionUrl: "x" } };
    expect((await client.check(connectionType, both)).faults.join()).toContain("must be one database");
  });

  test("a role lives from create to delete", async () => {
    const mount = await create("vault:index/mount:Mount", { path: "db", type: "database" });
    const role = await create(roleType, {
      backend: "db",
      name: "app",
      dbName: "main",
      creationStatements: ["CREATE ROLE x", "GRANT y"],
      revocationStatements: ["DROP ROLE x"],
      defaultTtl: 600,
      maxTtl: 1_200,
    });
    expect(await driftOf(role)).toEqual([]);
    const updated = await update(role, { defaultTtl: 300, revocationStatements: ["DROP ROLE IF EXISTS x"] });
    expect(await driftOf(updated)).toEqual([]);
    await vault("POST", "db/roles/app", { db_name: "main", default_ttl: "1h", max_ttl: "2h" });
    expect(await driftOf(updated)).toEqual(expect.arrayContaining(["defaultTtl", "maxTtl"]));
    await remove(updated);
    expect(await driftOf(updated)).toBe("gone");
    await remove(mount);
  });

  test("a key lives from create to delete, which must be allowed", async () => {
    const mount = await create("vault:index/mount:Mount", { path: "keys", type: "transit" });
    const key = await create(keyType, { backend: "keys", name: "cache" });
    expect(await driftOf(key)).toEqual([]);
    await expect(client.delete(keyType, key.id, key.outputs, key.inputs)).rejects.toThrow("deletion is not allowed");
    const allowed = await update(key, { deletionAllowed: true, minDecryptionVersion: 1 });
    expect(await driftOf(allowed)).toEqual([]);
    await vault("POST", "keys/keys/cache/config", { deletion_allowed: false });
    expect(await driftOf(allowed)).toEqual(["deletionAllowed"]);
    await vault("POST", "keys/keys/cache/config", { deletion_allowed: true });
    await client.delete(keyType, allowed.id, allowed.outputs, allowed.inputs);
    expect(await driftOf(allowed)).toBe("gone");
    await remove(mount);
  });
});

describe("PKI", () => {
  const mountType = "vault:index/mount:Mount";
  const rootType = "vault:pkiSecret/secretBackendRootCert:SecretBackendRootCert";
  const requestType = "vault:pkiSecret/secretBackendIntermediateCertRequest:SecretBackendIntermediateCertRequest";
  const signatureType = "vault:pkiSecret/secretBackendRootSignIntermediate:SecretBackendRootSignIntermediate";
  const signedType = "vault:pkiSecret/secretBackendIntermediateSetSigned:SecretBackendIntermediateSetSigned";
  const urlsType = "vault:pkiSecret/secretBackendConfigUrls:SecretBackendConfigUrls";
  const issuersType = "vault:pkiSecret/secretBackendConfigIssuers:SecretBackendConfigIssuers";
  const roleType = "vault:pkiSecret/secretBackendRole:SecretBackendRole";
  const ec = { type: "internal", keyType: "ec", keyBits: 256 };

  async function authority(path: string): Promise<{ mount: Existing; root: Existing }> {
    const mount = await create(mountType, { path, type: "pki", maxLeaseTtlSeconds: 86_400 });
    return { mount, root: await create(rootType, { backend: path, commonName: "Root", ttl: "86400s", ...ec }) };
  }

  test("an authority lives from create to delete, shows no key, and is missed when it is gone", async () => {
    const { mount, root } = await authority("pki");
    expect(root.outputs["certificate"]).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(JSON.stringify(root.outputs)).not.toContain("PRIVATE KEY");
    expect(await driftOf(root)).toEqual([]);
    await remove(root);
    expect(await driftOf(root)).toBe("gone");
    await remove(mount);
  });

  test("addresses, the default and a role live from create to what is left of them", async () => {
    const { mount, root } = await authority("pki");
    const urls = await create(urlsType, { backend: "pki", issuingCertificates: ["http://vault.test/v1/pki/ca"] });
    const issuers = await create(issuersType, { backend: "pki", default: root.outputs["issuerId"] ?? "" });
    const role = await create(roleType, {
      backend: "pki",
      name: "web",
      issuerRef: root.outputs["issuerId"] ?? "",
      allowedDomains: ["apps.test"],
      allowSubdomains: true,
      keyType: "ec",
      keyBits: 256,
      ttl: "60",
      maxTtl: "3600",
    });
    for (const existing of [urls, issuers, role]) expect(await driftOf(existing)).toEqual([]);
    const changed = await update(role, { maxTtl: "7200", allowedDomains: ["apps.test", "jobs.test"] });
    expect(await driftOf(changed)).toEqual([]);
    const live = await vault("GET", "pki/roles/web");
    await vault("POST", "pki/roles/web", { ...live, allow_any_name: true });
    expect(await driftOf(changed)).toEqual(["allowAnyName"]);
    await vault("POST", "pki/roles/web", { ...live });
    const issued = await vault("POST", "pki/issue/web", { common_name: "a.apps.test" });
    expect(issued).toMatchObject({ issuing_ca: root.outputs["certificate"] });
    await remove(changed);
    expect(await driftOf(changed)).toBe("gone");
    await remove(urls);
    await remove(mount);
  });

  test("an authority is signed by another, and issues what that one is trusted for", async () => {
    const { mount, root } = await authority("pki");
    const lower = await create(mountType, { path: "lower", type: "pki", maxLeaseTtlSeconds: 7_200 });
    const request = await create(requestType, { backend: "lower", commonName: "Lower", ...ec });
    const signature = await create(signatureType, {
      backend: "pki",
      issuerRef: root.outputs["issuerId"] ?? "",
      csr: request.outputs["csr"] ?? "",
      commonName: "Lower",
      ttl: "7200s",
    });
    const signed = await create(signedType, { backend: "lower", certificate: signature.outputs["certificate"] ?? "" });
    for (const existing of [request, signature, signed]) expect(await driftOf(existing)).toEqual([]);
    expect(signed.outputs["importedIssuers"]).toHaveLength(1);
    const certificateOf = ({ outputs }: Existing) => new X509Certificate(z.string().parse(outputs["certificate"]));
    expect(certificateOf(signature).verify(certificateOf(root).publicKey)).toBe(true);
    await remove(lower);
    await remove(mount);
  });
});
