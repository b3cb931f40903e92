import { describe, expect, test } from "vitest";
import { appRoleKind } from "../../../../components/access/logins/app-role-kind.ts";
import { kubernetesKind } from "../../../../components/access/logins/kubernetes-kind.ts";
import { ldapKind } from "../../../../components/access/logins/ldap-kind.ts";
import { databaseKind } from "../../../../components/engines/database/database-kind.ts";
import { kvKind } from "../../../../components/engines/kv/kv-kind.ts";
import { kvV1Kind } from "../../../../components/engines/kv-v1/kv-v1-kind.ts";
import { pkiKind } from "../../../../components/engines/pki/pki-kind.ts";
import { transitKind } from "../../../../components/engines/transit/transit-kind.ts";
import { capabilitiesAt, gainedAccess, mergeRules } from "../../../../components/access/matrix/path-pattern.ts";
import {
  adminPolicyRules,
  policyDocument,
  previewMountRules,
  previewPolicyRules,
} from "../../../../components/access/admin-policy.ts";

const { path } = JSON.parse(policyDocument(adminPolicyRules())) as {
  path: Record<string, { capabilities: string[] }>;
};

const admin = mergeRules(adminPolicyRules());

/** By the matching of Vault itself, in which the best rule decides alone. */
function allowed(asked: string): boolean {
  return capabilitiesAt(admin, asked).length > 0;
}

test.each(["*", "+/*", "sys/*", "auth/*", "auth/+/*"])("has no rule as wide as %s", (wide) => {
  expect(Object.keys(path)).not.toContain(wide);
});

test.each([
  "sys/raw/core/keyring",
  "sys/seal",
  "sys/step-down",
  "sys/rotate",
  "sys/generate-root/attempt",
  "sys/storage/raft/snapshot",
  "sys/storage/raft/remove-peer",
  "sys/plugins/catalog/secret/x",
  "sys/config/state/sanitized",
  "sys/config/cors",
  "auth/token/create",
  "auth/token/create-orphan",
  "auth/token/accessors",
  "auth/ldap/login/ada",
  "identity/entity",
  "pki/issue/web",
  "pki/sign/web",
  "pki/issuers/generate/root/exported",
  "pki/intermediate/generate/exported",
  "pki/root/sign-self-issued",
  "transit/decrypt/app",
  "transit/export/encryption-key/app",
  "database/static-creds/app",
])("does not reach %s", (forbidden) => {
  expect(allowed(forbidden)).toBe(false);
});

test.each([
  "sys/mounts/secret",
  "sys/mounts/secret/tune",
  "sys/auth/kubernetes",
  "sys/policies/acl/webapp",
  "sys/audit/file",
  "auth/kubernetes/config",
  "auth/kubernetes/role/webapp",
  "auth/ldap/config",
  "auth/ldap/groups/developers",
  "auth/ldap/users/ada",
  "auth/approle-pulumi/role/pulumi",
  "secret/data/webapp/config",
  "secret/metadata/webapp/config",
  "secret/config",
  "demo-db/config/demo-db",
  "demo-db/roles/app",
  "demo-db/static-roles/migrator",
  "demo-db/rotate-root/demo-db",
  "demo-db/creds/app",
  "sys/leases/revoke-prefix/demo-db/creds/app",
  "demo-transit/keys/cache",
  "pki/issuers/generate/root/internal",
  "pki/issuer/some-id",
  "pki/issuer/some-id/sign-intermediate",
  "pki/config/urls",
  "pki/roles/web",
])("reaches %s, which the stack manages", (needed) => {
  expect(allowed(needed)).toBe(true);
});

test("writes values of a KV store and reads none", () => {
  expect(path["+/data/*"]?.capabilities).toEqual(["create", "update"]);
});

test("is the same text every time, so that a difference is an edit by hand", () => {
  expect(policyDocument(adminPolicyRules())).toBe(policyDocument(adminPolicyRules()));
});

describe("the policy of the login for previews", () => {
  const mounts = [
    { path: "secret", kind: kvKind },
    { path: "kv1", kind: kvV1Kind },
    { path: "demo-db", kind: databaseKind },
    { path: "demo-transit", kind: transitKind },
    { path: "pki", kind: pkiKind },
    { path: "kubernetes", kind: kubernetesKind },
    { path: "ldap", kind: ldapKind },
    { path: "agents", kind: appRoleKind },
    { path: "approle-pulumi", kind: appRoleKind },
  ];
  const preview = mergeRules([...previewPolicyRules(), ...previewMountRules(mounts)]);

  test("allows nothing that Pulumi's own may not, but for a look at its own token and the end of it", () => {
    expect(gainedAccess(mergeRules(adminPolicyRules()), preview).map(({ path: where }) => where)).toEqual([
      "auth/token/lookup-self",
      "auth/token/revoke-self",
    ]);
  });

  test("changes nothing besides", () => {
    const changing = ["create", "update", "delete", "patch"];
    const rules = preview.filter(({ capabilities }) => capabilities.some((one) => changing.includes(one)));
    expect(rules.map(({ path: where }) => where)).toEqual(["auth/token/revoke-self"]);
  });

  test("has sudo only where Vault wants it for reading", () => {
    const rules = preview.filter(({ capabilities }) => capabilities.includes("sudo"));
    expect(rules.map(({ path: where }) => where)).toEqual([
      "sys/audit",
      "sys/auth/*",
      "sys/rekey-recovery-key/init",
      "sys/rekey/init",
    ]);
  });

  test.each([
    "secret/data/webapp/config",
    "secret/metadata/webapp",
    "demo-db/creds/dev-postgres",
    "sys/leases/lookup/demo-db/creds/dev-postgres",
    "sys/rekey/backup",
    "auth/approle-pulumi/role/pulumi/role-id",
    "auth/approle-pulumi/role/pulumi/secret-id",
    "cubbyhole/anything",
    "cubbyhole/config/x",
    "kv1/config/prod",
    "kv1/config",
    "kv1/roles/payroll",
    "kv1/static-roles/x",
    "kv1/keys/x",
    "kv1/issuer/x",
    "team/kv1/config/x",
    "aws/config/root",
    "auth/userpass/users/bob",
    "auth/github/config",
    "sys/config/state/sanitized",
    "sys/config/cors",
    "auth/agents/role/pulumi/secret-id",
    // Of each mount what its own kind has, and no more.
    "secret/roles/payroll",
    "demo-db/keys/x",
    "kubernetes/config",
    "auth/kubernetes/users/ada",
  ])("does not reach %s", (forbidden) => {
    expect(capabilitiesAt(preview, forbidden)).toEqual([]);
  });

  test.each([
    "sys/mounts",
    "sys/auth",
    "sys/auth/kubernetes/tune",
    "sys/audit",
    "sys/policies/acl/webapp",
    "auth/kubernetes/config",
    "auth/kubernetes/role/webapp",
    "auth/approle-pulumi/role/pulumi",
    "auth/ldap/groups/developers",
    "demo-db/config/demo-db",
    "demo-db/roles/app",
    "demo-transit/keys/cache",
    "pki/roles/web",
    "sys/storage/raft/configuration",
    "sys/storage/raft/autopilot/state",
  ])("reads %s", (needed) => {
    expect(capabilitiesAt(preview, needed)).toContain("read");
  });
});
