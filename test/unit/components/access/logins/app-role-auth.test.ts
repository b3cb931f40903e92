import type * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { AppRoleAuth, type AppRoleArgs } from "../../../../../components/access/logins/app-role-auth.ts";
import { appRoleAuthFaults } from "../../../../../components/access/logins/app-role-faults.ts";
import { Policy } from "../../../../../components/access/policy.ts";
import { find, record } from "../../../../../graph/recorder.ts";

// Proves what Vault is asked for; that a wrapped secret id logs in once, and nobody else, is the live test's.

interface Parts {
  readonly opts: pulumi.ComponentResourceOptions;
  readonly role: AppRoleArgs;
}

function parts(): Parts {
  const opts = { provider: new vault.Provider("vault", { address: "http://vault.test" }) };
  const read = new Policy("read", { rules: [{ path: "secret/data/app", capabilities: ["read"] }] }, opts);
  const lifetime = { kind: "ttl", ttl: "10m", maxTtl: "1h" } as const;
  return { opts, role: { policies: [read], lifetime, secretId: { ttl: "10m" } } };
}

describe("AppRole auth", () => {
  test("lets a machine in by a secret id that is good for one login, and makes none itself", async () => {
    const recording = await record(() => {
      const { opts, role } = parts();
      new AppRoleAuth("login", { roles: { one: role } }, opts);
    });
    expect(find(recording, "vault:index/authBackend:AuthBackend", "login").inputs).toEqual({
      type: "approle",
      path: "approle",
    });
    const role = find(recording, "vault:appRole/authBackendRole:AuthBackendRole", "login-one");
    expect(role).toMatchObject({ parent: "login", provider: "vault", dependencies: ["login", "read"] });
    expect(role.inputs).toEqual({
      backend: "approle",
      roleName: "one",
      bindSecretId: true,
      secretIdNumUses: 1,
      secretIdTtl: 600,
      secretIdBoundCidrs: [],
      tokenPolicies: ["read"],
      tokenBoundCidrs: [],
      tokenTtl: 600,
      tokenMaxTtl: 3_600,
    });
    expect(recording.resources.filter(({ type }) => /secretId/i.test(type))).toEqual([]);
  });

  test("binds secret ids and tokens to networks and uses", async () => {
    const recording = await record(() => {
      const { opts, role } = parts();
      const secretId = { uses: 3, ttl: "1h", boundCidrs: ["10.0.0.0/8"] } as const;
      new AppRoleAuth("login", { roles: { one: { ...role, secretId, tokenBoundCidrs: ["2001:db8::/48"] } } }, opts);
    });
    expect(find(recording, "vault:appRole/authBackendRole:AuthBackendRole", "login-one").inputs).toMatchObject({
      secretIdNumUses: 3,
      secretIdTtl: 3_600,
      secretIdBoundCidrs: ["10.0.0.0/8"],
      tokenBoundCidrs: ["2001:db8::/48"],
    });
  });

  test("says what hands out secret ids: one path, and never without a wrapping that ends soon", async () => {
    const recording = await record(() => {
      const { opts, role } = parts();
      const auth = new AppRoleAuth("login", { path: "agents", roles: { one: role } }, opts);
      new Policy("issuer", { rules: auth.logins.one.issuerRules }, opts);
    });
    const issuer = find(recording, "vault:index/policy:Policy", "issuer");
    expect(issuer.inputs["policy"]).toBe(
      [
        'path "auth/agents/role/one/secret-id" {',
        '  capabilities = ["update"]',
        '  min_wrapping_ttl = "1s"',
        '  max_wrapping_ttl = "60s"',
        "}",
        "",
      ].join("\n"),
    );
    expect(issuer.dependencies).toContain("login-one");
  });

  test("takes existing roles over as they are: Vault would refuse some of their fields a second time", async () => {
    const recording = await record(() => {
      const { opts, role } = parts();
      new AppRoleAuth("login", { path: "agents", adopt: true, roles: { one: role } }, opts);
    });
    expect(find(recording, "vault:index/authBackend:AuthBackend", "login").adopts).toBe("agents");
    const { adopts, ignoreChanges } = find(recording, "vault:appRole/authBackendRole:AuthBackendRole", "login-one");
    expect(adopts).toBe("auth/agents/role/one");
    expect(ignoreChanges).toContain("tokenPolicies");
    expect(ignoreChanges).not.toContain("roleName");
  });

  test("rejects all faults at once", () => {
    const lifetime = { kind: "ttl", ttl: "2h", maxTtl: "1h" } as const;
    const faults = appRoleAuthFaults({
      path: "team/agents",
      roles: {
        One: {
          policies: [],
          lifetime,
          secretId: { uses: 0, ttl: "30s", wrapTtl: "60s", boundCidrs: ["10.0.0.1", "0.0.0.0/0"] },
          tokenBoundCidrs: ["10.0.0.0/33", "::/0"],
        },
        two: { policies: [], lifetime: { kind: "ttl", ttl: "1h" }, secretId: { uses: 1.5, ttl: "800h" } },
      },
    });
    expect(faults.map((text) => text.split(", got")[0])).toEqual([
      "path: must be a mount path of one segment",
      "roles.One: must be lower-case letters, digits, dots and dashes",
      "roles.One.policies: must hold at least one",
      "roles.One.lifetime.maxTtl: must be at least the ttl of 2h",
      "roles.One.secretId.wrapTtl: must be at most the secret id's ttl of 30s",
      "roles.One.secretId.uses: must be a whole number from 1 on",
      "roles.One.secretId.boundCidrs[0]: must be a network",
      "roles.One.secretId.boundCidrs[1]: must leave somebody out",
      "roles.One.tokenBoundCidrs[0]: must be a network",
      "roles.One.tokenBoundCidrs[1]: must leave somebody out",
      "roles.two.policies: must hold at least one",
      "roles.two.secretId.uses: must be a whole number from 1 on",
      "roles.two.secretId.ttl: must be at most Vault's own limit of 768h",
    ]);
  });
});
