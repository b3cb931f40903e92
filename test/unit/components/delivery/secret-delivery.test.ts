import * as k8s from "@pulumi/kubernetes";
import * as vault from "@pulumi/vault";
import { describe, expect, test, vi } from "vitest";
import { KubernetesAuth } from "../../../../components/access/logins/kubernetes-auth.ts";
import { graphOfDelivery } from "../../../support/graph-of-delivery.ts";
import { find, record, type Recording } from "../../../../graph/recorder.ts";

// Proves what is asked for; that the operator delivers it is shown by the live tests.

// Each program is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

const group = "kubernetes:secrets.hashicorp.com/v1beta1";
const policyOf = (recording: Recording) => find(recording, "vault:index/policy:Policy", "app").inputs["policy"];
const specOf = (recording: Recording, kind: string, name: string) =>
  find(recording, `${group}:${kind}`, name).inputs["spec"];

describe("a delivery", () => {
  test("lets its role do what its secrets need, each path once, and nothing else", async () => {
    const recording = await graphOfDelivery("every kind of secret");
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
    expect(specOf(recording, "VaultPKISecret", "app-web")).toMatchObject({ commonName: "web.test", revoke: true });
    expect(specOf(recording, "VaultPKISecret", "app-web")).not.toHaveProperty("kind");
  });

  test("revokes nothing that is not to be revoked, and so need not be allowed to", async () => {
    const recording = await graphOfDelivery("nothing to revoke");
    expect(policyOf(recording)).toBe('path "db/creds/app" {\n  capabilities = ["read"]\n}\n');
    const spec = specOf(recording, "VaultDynamicSecret", "app-rotated");
    expect(spec).toMatchObject({ allowStaticCreds: true });
    // The operator would take away what is false, and a refresh would find that.
    expect(spec).not.toHaveProperty("revoke");
  });

  test("asks the operator for a secret under its name, in the workload's namespace, by its login, and waits for it", async () => {
    const recording = await graphOfDelivery("one secret");
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
    expect(specOf(recording, "VaultAuth", "app-auth")).toEqual({
      vaultConnectionRef: "shop/vault-connection-object",
      method: "kubernetes",
      mount: "kubernetes",
      kubernetes: { role: "app", serviceAccount: "app", audiences: ["vault"], tokenExpirationSeconds: 600 },
    });
    expect(find(recording, "pulumi-nodejs:dynamic/delivery:Sync", "app-config-sync").inputs).toMatchObject({
      kind: "VaultStaticSecret",
      uid: "u",
      generation: 1,
      timeoutSeconds: 300,
    });
  });

  test("looks whether the workloads are there that it restarts, and none where it restarts none", async () => {
    const type = "pulumi-nodejs:dynamic/delivery:RolloutTargets";
    const recording = await graphOfDelivery("one secret");
    expect(find(recording, type, "app-config-rollout").inputs).toMatchObject({
      secret: "VaultStaticSecret config",
      namespace: "shop",
      targets: [{ kind: "Deployment", name: "shop" }],
      timeoutSeconds: 300,
    });
    const { resources } = await graphOfDelivery("nothing to revoke");
    expect(resources.filter((resource) => resource.type === type)).toEqual([]);
  });

  test("is rejected when its mount is written by hand and nothing makes it", async () => {
    await expect(graphOfDelivery("a mount that nobody declares")).rejects.toThrow(
      'secrets.login.source.mount: must be a mount that this program declares, got "db"',
    );
  });

  test("is rejected when another delivery has the same Secret written", async () => {
    await expect(graphOfDelivery("one Secret for two workloads")).rejects.toThrow(
      'destination: must be the delivered Secret of one component only, got "shop/taken"',
    );
  });

  test("is rejected by its login method when the role has a fault", async () => {
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

describe("settings that several secrets share", () => {
  test("are a connection that verifies Vault's certificate, a login method's common part, and a transformation", async () => {
    const recording = await graphOfDelivery("shared settings");
    expect(specOf(recording, "VaultConnection", "vault-connection")).toEqual({
      address: "https://v",
      skipTLSVerify: false,
      caCertSecretRef: "vault-authorities-autonamed",
      tlsServerName: "vault.test",
    });
    expect(specOf(recording, "VaultAuthGlobal", "shared-auth-global")).toEqual({
      vaultConnectionRef: "shop/vault-connection-object",
      allowedNamespaces: ["shop"],
      defaultAuthMethod: "jwt",
      jwt: { mount: "jwt" },
    });
    expect(specOf(recording, "VaultAuth", "app-auth")).toEqual({
      vaultConnectionRef: "shop/vault-connection-object",
      method: "jwt",
      jwt: { role: "shop", serviceAccount: "app" },
      vaultAuthGlobalRef: { name: "shared-auth-global-object", namespace: "shop" },
    });
    expect(specOf(recording, "SecretTransformation", "urls-transformation")).toEqual({
      templates: { url: { text: "{{ .Secrets.host }}" } },
      excludes: [".*"],
    });
    expect(specOf(recording, "VaultStaticSecret", "config")).toMatchObject({
      destination: {
        type: "Opaque",
        transformation: { transformationRefs: [{ name: "urls-transformation-object", namespace: "shop" }] },
      },
    });
    expect(find(recording, `${group}:VaultStaticSecret`, "config").dependencies).toContain("urls-transformation-sync");
  });
});
