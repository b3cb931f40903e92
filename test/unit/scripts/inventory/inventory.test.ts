import { describe, expect, test } from "vitest";
import type { Session, SessionRequest } from "../../../../protocol/vault-client/session.ts";
import { adoption } from "../../../../scripts/inventory/adoption.ts";
import { findObjects } from "../../../../scripts/inventory/find-objects.ts";
import { declaredObjects, unmanaged, type VaultObject } from "../../../../scripts/inventory/vault-objects.ts";

const answers: Readonly<Record<string, unknown>> = {
  "sys/mounts": {
    data: {
      "secret/": { type: "kv", options: { version: "2" } },
      "db/": { type: "database" },
      "sys/": { type: "system" },
      "aws/": { type: "aws" },
    },
  },
  "sys/auth": {
    data: {
      "token/": { type: "token" },
      "kubernetes/": { type: "kubernetes" },
      "approle-pulumi/": { type: "approle" },
    },
  },
  "sys/audit": { data: { "file/": { type: "file" } } },
  "sys/policies/acl?list=true": { data: { keys: ["default", "root", "webapp", "pulumi-admin", "by-hand"] } },
  "auth/kubernetes/role?list=true": { data: { keys: ["webapp", "by-hand"] } },
  "auth/approle-pulumi/role?list=true": { data: { keys: ["pulumi"] } },
  "db/roles?list=true": { data: { keys: ["by-hand"] } },
};

/** A Vault that says "not found" to every list it has nothing in, as a real one does. */
function vault(requests: SessionRequest[] = []): Session {
  return {
    send: () => Promise.reject(new Error("the inventory changes nothing")),
    ask: (schema, request) => {
      requests.push(request);
      return Promise.resolve(schema.parse(answers[request.path] ?? { errors: [] }));
    },
  };
}

const own = { authPath: "approle-pulumi", roles: ["pulumi"], policies: ["pulumi-admin"] };
const state = [
  { type: "vault:index/mount:Mount", id: "old-path", outputs: { path: "secret" } },
  { type: "vault:index/authBackend:AuthBackend", id: "kubernetes", outputs: {} },
  { type: "vault:kubernetes/authBackendRole:AuthBackendRole", id: "auth/kubernetes/role/webapp" },
  { type: "vault:index/policy:Policy", id: "webapp" },
  { type: "vault:index/audit:Audit", id: "file" },
  { type: "kubernetes:core/v1:Secret", id: "vault/vault-keys" },
];

describe("the inventory", () => {
  test("holds what is in Vault and neither Vault's own nor the stack's, down to roles", async () => {
    const { objects, closed } = await findObjects(vault());
    expect(unmanaged(objects, declaredObjects(state, own)).map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      "database role db/roles/by-hand",
      "login role auth/kubernetes/role/by-hand",
      "policy by-hand",
      "secrets mount aws",
      "secrets mount db",
    ]);
    expect(closed).toEqual(["aws"]);
  });

  test("only lists: it reads no secret and no configuration", async () => {
    const requests: SessionRequest[] = [];
    await findObjects(vault(requests));
    const others = requests.filter(
      ({ method, path }) =>
        method !== "GET" || !(path.endsWith("?list=true") || /^sys\/(mounts|auth|audit)$/.test(path)),
    );
    expect(others).toEqual([]);
  });

  test.each<[string, string, string, string]>([
    ["secrets mount", "kv2", "kv", 'new KvEngine("kv2", { adopt: true }, insideVault)'],
    [
      "secrets mount",
      "aws",
      "aws",
      'new vault.Mount("aws", { path: "aws", type: "aws" }, { ...insideVault, import: "aws" })',
    ],
    [
      "login method",
      "k",
      "kubernetes",
      'new KubernetesAuth("k", { path: "k", adopt: true, roles: { … } }, insideVault)',
    ],
    ["login role", "auth/a/b/role/web", "auth kubernetes", 'roles: { "web": … } of the login method at a/b'],
    ["database role", "db/roles/app", "database", 'roles: { "app": … } of the DatabaseEngine at db'],
    ["transit key", "t/keys/k", "transit", 'keys: { "k": {} } of the TransitEngine at t, with adopt: true'],
    ["directory user", "auth/ldap/users/ada", "auth ldap", 'users: { "ada": … } of the LdapAuth at ldap'],
    ["policy", "by-hand", "", 'new Policy("by-hand", { rules: [ … ] }, insideVault)'],
  ])("says how to adopt a %s at %s of type %s", (kind, id, type, code) => {
    const object: VaultObject = { kind, id, type };
    expect(adoption(object)).toMatchObject({ object, code });
  });

  test("tells what is imported from what is written over", () => {
    expect(adoption({ kind: "login method", id: "k", type: "kubernetes" }).takeover).toBe("imports it as it is");
    expect(adoption({ kind: "policy", id: "p", type: "" }).takeover).toBe("writes it as declared");
  });
});
