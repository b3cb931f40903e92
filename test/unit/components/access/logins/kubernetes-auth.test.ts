import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import {
  KubernetesAuth,
  kubernetesAuthFaults,
  type KubernetesRoleArgs,
} from "../../../../../components/access/logins/kubernetes-auth.ts";
import { Policy } from "../../../../../components/access/policy.ts";
import type { TokenLifetime } from "../../../../../components/access/logins/token-lifetime.ts";
import { find, record } from "../../../../../graph/recorder.ts";

const roleType = "vault:kubernetes/authBackendRole:AuthBackendRole";

interface Parts {
  readonly opts: pulumi.ComponentResourceOptions;
  readonly role: KubernetesRoleArgs;
}

function parts(lifetime: TokenLifetime = { kind: "ttl", ttl: "24h" }): Parts {
  const opts = { provider: new vault.Provider("vault", { address: "http://vault.test" }) };
  const cluster = { provider: new k8s.Provider("cluster", {}) };
  const account = new k8s.core.v1.ServiceAccount("account", { metadata: { name: "app", namespace: "shop" } }, cluster);
  const policy = new Policy("read", { rules: [{ path: "secret/data/app", capabilities: ["read"] }] }, opts);
  return { opts, role: { serviceAccounts: [account], audience: "vault", policies: [policy], lifetime } };
}

describe("kubernetes auth", () => {
  test("lets Vault review tokens with its own token and the certificate in its pod", async () => {
    const recording = await record(() => {
      const { opts, role } = parts();
      new KubernetesAuth("login", { roles: { app: role } }, opts);
    });
    expect(find(recording, "vault:kubernetes/authBackendConfig:AuthBackendConfig", "login-config").inputs).toEqual({
      backend: "kubernetes",
      kubernetesHost: "https://kubernetes.default.svc",
      disableLocalCaJwt: false,
      disableIssValidation: true,
    });
  });

  test("binds a role to the accounts' names and namespaces, an audience and the policies", async () => {
    const recording = await record(() => {
      const { opts, role } = parts();
      new KubernetesAuth("login", { path: "demo", roles: { app: role } }, opts);
    });
    const role = find(recording, roleType, "login-app");
    expect(role).toMatchObject({ parent: "login", provider: "vault" });
    expect(role.dependencies).toEqual(["account", "login-config", "read"]);
    expect(role.inputs).toEqual({
      backend: "demo",
      roleName: "app",
      boundServiceAccountNames: ["app"],
      boundServiceAccountNamespaces: ["shop"],
      audience: "vault",
      tokenPolicies: ["read"],
      tokenTtl: 86_400,
    });
  });

  test.each([
    [{ kind: "ttl", ttl: "10m", maxTtl: "20m" } as const, { tokenTtl: 600, tokenMaxTtl: 1200 }],
    [{ kind: "periodic", period: "120s" } as const, { tokenPeriod: 120 }],
  ])("turns the lifetime %j into %j", async (lifetime, inputs) => {
    const recording = await record(() => {
      const { opts, role } = parts(lifetime);
      new KubernetesAuth("login", { roles: { app: role } }, opts);
    });
    expect(find(recording, roleType, "login-app").inputs).toMatchObject(inputs);
  });

  test("tells a workload the mount, the role, the audience and when its token ends", async () => {
    const { outputs } = await record(() => {
      const { opts, role } = parts();
      return { ...new KubernetesAuth("login", { roles: { app: role } }, opts).logins.app };
    });
    expect(outputs).toEqual({ authPath: "kubernetes", roleName: "app", audience: "vault", tokenEnd: "768h" });
  });

  test("limits the life of its tokens, and rejects a role that Vault would cut down", async () => {
    const recording = await record(() => {
      const { opts, role } = parts({ kind: "ttl", ttl: "1h" });
      new KubernetesAuth("login", { maxLeaseTtl: "24h", roles: { app: role } }, opts);
    });
    expect(find(recording, "vault:index/authBackend:AuthBackend", "login").inputs).toMatchObject({
      tune: { maxLeaseTtl: "24h" },
    });
    let faults: string[] = [];
    await record(() => {
      const { role } = parts({ kind: "periodic", period: "2d" });
      faults = kubernetesAuthFaults({ maxLeaseTtl: "24h", roles: { app: role } });
    });
    expect(faults).toEqual([
      'roles.app.lifetime.period: must be at most the mount\'s maxLeaseTtl of 24h, got "2d"; lower it, or give the mount a higher maxLeaseTtl',
    ]);
  });

  test("rejects a second mount at the same path", async () => {
    const program = () => {
      const { opts, role } = parts();
      new KubernetesAuth("one", { roles: { app: role } }, opts);
      new KubernetesAuth("two", { roles: { app: role } }, opts);
    };
    await expect(record(program)).rejects.toThrow("path: must be the auth mount of one component only");
  });

  test("rejects faults of all roles at once", async () => {
    let faults: readonly string[] = [];
    await record(() => {
      const { role } = parts();
      faults = kubernetesAuthFaults({
        path: "/kubernetes",
        roles: {
          a: { ...role, serviceAccounts: [], audience: "", policies: [] },
          b: { ...role, lifetime: { kind: "ttl", ttl: "2h", maxTtl: "1h" } },
          c: { ...role, lifetime: { kind: "periodic", period: "0s" } },
        },
      });
    });
    expect(faults.map((text) => text.split(",")[0])).toEqual([
      "path: must be a mount path",
      "roles.a.serviceAccounts: must name at least one",
      "roles.a.audience: must not be empty",
      "roles.a.policies: must hold at least one",
      "roles.b.lifetime.maxTtl: must be at least the ttl of 2h",
      "roles.c.lifetime.period: must be a positive whole number and a unit",
    ]);
  });
});
