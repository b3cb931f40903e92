import * as k8s from "@pulumi/kubernetes";
import * as vault from "@pulumi/vault";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { KubernetesAuth } from "../../../../components/access/kubernetes-auth.ts";
import type { DeliveredSecret } from "../../../../components/delivery/consumer-rules.ts";
import { existingOperator } from "../../../../components/delivery/custom-resource.ts";
import { SecretDelivery } from "../../../../components/delivery/secret-delivery.ts";
import { VaultConnection } from "../../../../components/delivery/vault-connection.ts";
import { KvEngine } from "../../../../components/engines/kv.ts";
import { find, record, type Recording } from "../../../support/recorder.ts";

// Proves what is asked for; that the operator delivers it is shown by the live tests.

// The text of a dynamic resource cannot be taken inside the test runner; the graph of the dev stack shows it.
vi.mock("../../../../components/delivery/sync.ts", () => ({
  Sync: class extends pulumi.CustomResource {
    declare public readonly synced: pulumi.Output<boolean>;
    public constructor(name: string, args: object, opts?: pulumi.CustomResourceOptions) {
      super("test:index:Sync", name, { ...args, synced: true }, opts);
    }
  },
}));

const group = "kubernetes:secrets.hashicorp.com/v1beta1";

/** Objects as the API server returns them. */
const outputs = (type: string, name: string): Record<string, unknown> =>
  type.startsWith(`${group}:`)
    ? { metadata: { name: `${name}-object`, namespace: "shop", uid: "u", generation: 1 } }
    : {};

function deliver(secrets: (kv: KvEngine) => Record<string, DeliveredSecret>): Promise<Recording> {
  return record(
    () => {
      const provider = new vault.Provider("vault", { address: "http://vault.test" });
      const cluster = new k8s.Provider("cluster", {});
      const opts = { providers: [provider, cluster] };
      const metadata = { name: "app", namespace: "shop" };
      const serviceAccount = new k8s.core.v1.ServiceAccount("account", { metadata }, { provider: cluster });
      const auth = new KubernetesAuth("login", { roles: {} }, opts);
      const operator = existingOperator("test");
      const connection = new VaultConnection("vault", { operator, namespace: "shop", vaultAddress: "http://v" }, opts);
      const kv = new KvEngine("kv", {}, opts);
      new SecretDelivery(
        "app",
        { serviceAccount, connection, auth, lifetime: { kind: "periodic", period: "120s" }, secrets: secrets(kv) },
        opts,
      );
    },
    { outputs },
  );
}

const policyOf = (recording: Recording) => find(recording, "vault:index/policy:Policy", "app").inputs["policy"];
const source = {
  mount: "db",
  credentialsPath: "creds/app",
  rules: [{ path: "db/creds/app", capabilities: ["read"] }],
} as const;

describe("a delivery", () => {
  test("lets its role do what its secrets need, each path once, and nothing else", async () => {
    const recording = await deliver((kv) => ({
      one: { kind: "static", source: kv.secret("config"), destination: { kind: "create", name: "one" } },
      again: { kind: "static", source: kv.secret("config"), destination: { kind: "create", name: "again" } },
      login: { kind: "dynamic", source, destination: { kind: "create", name: "login" } },
      web: {
        kind: "certificate",
        source: { mount: "pki", role: "web" },
        destination: { kind: "create", name: "web" },
        commonName: "web.test",
      },
    }));
    expect(policyOf(recording)).toBe(
      [
        'path "db/creds/app" {\n  capabilities = ["read"]\n}\n',
        'path "kv/data/config" {\n  capabilities = ["read"]\n}\n',
        'path "pki/issue/web" {\n  capabilities = ["update"]\n}\n',
        'path "pki/revoke" {\n  capabilities = ["update"]\n}\n',
        'path "sys/leases/revoke" {\n  capabilities = ["update"]\n}\n',
      ].join("\n"),
    );
    expect(find(recording, "vault:kubernetes/authBackendRole:AuthBackendRole", "login-app").inputs).toMatchObject({
      boundServiceAccountNames: ["app"],
      boundServiceAccountNamespaces: ["shop"],
      audience: "vault",
      tokenPolicies: ["app"],
      tokenPeriod: 120,
    });
  });

  test("revokes nothing that is not to be revoked, and so need not be allowed to", async () => {
    const recording = await deliver(() => ({
      login: { kind: "dynamic", source, destination: { kind: "create", name: "login" }, revoke: false },
      rotated: { kind: "dynamic", source: { ...source, isStatic: true }, destination: { kind: "create", name: "r" } },
    }));
    expect(policyOf(recording)).toBe('path "db/creds/app" {\n  capabilities = ["read"]\n}\n');
    expect(find(recording, `${group}:VaultDynamicSecret`, "app-rotated").inputs["spec"]).toMatchObject({
      allowStaticCreds: true,
      revoke: false,
    });
  });

  test("asks the operator for each secret under its name, in the workload's namespace, by the workload's login", async () => {
    const recording = await deliver((kv) => ({
      config: {
        kind: "static",
        source: kv.secret("shop/config"),
        destination: { kind: "create", name: "shop-config", transformation: { excludeRaw: true, includes: ["^user"] } },
        refreshAfter: "1d",
        rolloutRestart: [{ kind: "Deployment", name: "shop" }],
      },
    }));
    expect(find(recording, `${group}:VaultStaticSecret`, "app-config")).toMatchObject({
      provider: "cluster",
      deletedWith: "",
      inputs: {
        metadata: { name: "config", namespace: "shop" },
        spec: {
          vaultAuthRef: "shop/app-auth-object",
          type: "kv-v2",
          mount: "kv",
          path: "shop/config",
          destination: { name: "shop-config", create: true, transformation: { excludeRaw: true, includes: ["^user"] } },
          refreshAfter: "86400s",
          hmacSecretData: true,
          rolloutRestartTargets: [{ kind: "Deployment", name: "shop" }],
        },
      },
    });
    expect(find(recording, `${group}:VaultAuth`, "app-auth").inputs["spec"]).toEqual({
      vaultConnectionRef: "shop/vault-connection-object",
      method: "kubernetes",
      mount: "kubernetes",
      kubernetes: { role: "app", serviceAccount: "app", audiences: ["vault"], tokenExpirationSeconds: 600 },
    });
  });

  test("waits for each custom resource by its identity and generation", async () => {
    const recording = await deliver((kv) => ({
      config: {
        kind: "static",
        source: kv.secret("config"),
        destination: { kind: "create", name: "c" },
        timeout: "5m",
      },
    }));
    expect(find(recording, "test:index:Sync", "app-config-sync").inputs).toMatchObject({
      kind: "VaultStaticSecret",
      uid: "u",
      generation: 1,
      timeoutSeconds: 300,
    });
  });

  test("is rejected when its role's name is taken in the mount", async () => {
    await expect(
      record(() => {
        const opts = { provider: new vault.Provider("vault", { address: "http://vault.test" }) };
        const auth = new KubernetesAuth("login", { roles: {} }, opts);
        const account = new k8s.core.v1.ServiceAccount("account", {}, { provider: new k8s.Provider("cluster", {}) });
        const role = { serviceAccounts: [account], audience: "vault", lifetime: { kind: "ttl", ttl: "1h" } } as const;
        auth.addRole("app", { ...role, policies: [] });
      }),
    ).rejects.toThrow("roles.app.policies: must hold at least one");
  });
});
