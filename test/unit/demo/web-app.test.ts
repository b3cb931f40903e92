import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { WebApp, webAppFaults } from "../../../demo/web-app.ts";
import { find, record, type Recording } from "../../../graph/recorder.ts";

function app(nodePort?: number): Promise<Recording> {
  return record(() => {
    const opts = { provider: new k8s.Provider("cluster", {}) };
    const serviceAccount = new k8s.core.v1.ServiceAccount("id", { metadata: { name: "shop", namespace: "s" } }, opts);
    const secret = {
      mount: pulumi.output("secret"),
      name: "shop/config",
      dataPath: pulumi.output("secret/data/shop/config"),
      metadataPath: pulumi.output("secret/metadata/shop/config"),
    };
    const login = { authPath: pulumi.output("kubernetes"), roleName: pulumi.output("shop"), audience: "an-audience" };
    const { nodePort: port } = new WebApp(
      "shop",
      { serviceAccount, vaultAddress: "http://vault.vault.svc:8200", login, secret, nodePort },
      opts,
    );
    return { port };
  });
}

const podOf = (recording: Recording) =>
  (
    find(recording, "kubernetes:apps/v1:Deployment", "shop").inputs as {
      spec: { template: { spec: Record<string, unknown> } };
    }
  ).spec.template.spec;

describe("the web app", () => {
  test("holds no credential but a token of ten minutes for the role's audience", async () => {
    expect(podOf(await app())).toMatchObject({
      automountServiceAccountToken: false,
      serviceAccountName: "shop",
      volumes: [
        {
          projected: {
            sources: [{ serviceAccountToken: { path: "token", audience: "an-audience", expirationSeconds: 600 } }],
          },
        },
      ],
    });
  });

  test("learns where Vault is, its role and its secret from the environment", async () => {
    const { containers } = podOf(await app()) as { containers: { env: { name: string; value: string }[] }[] };
    expect(Object.fromEntries(containers[0]!.env.map(({ name, value }) => [name, value]))).toEqual({
      VAULT_ADDR: "http://vault.vault.svc:8200",
      VAULT_AUTH_PATH: "kubernetes",
      VAULT_ROLE: "shop",
      VAULT_SECRET_PATH: "secret/data/shop/config",
      TOKEN_PATH: "/var/run/secrets/vault/token",
    });
  });

  test("lives in the namespace of its identity", async () => {
    const { inputs } = find(await app(), "kubernetes:core/v1:Service", "shop-service");
    expect(inputs).toMatchObject({ metadata: { namespace: "s" } });
  });

  test("tells its node port", async () => {
    expect((await app(30_005)).outputs).toEqual({ port: 30_005 });
  });

  test("has no node port unless it is given one", async () => {
    const recording = await app();
    expect(find(recording, "kubernetes:core/v1:Service", "shop-service").inputs).toMatchObject({
      spec: { type: "ClusterIP" },
    });
    expect(recording.outputs).toEqual({ port: undefined });
  });

  test.each([0, -1, 1.5, Number.NaN])("rejects %s replicas", (replicas) => {
    expect(webAppFaults({ replicas })).toHaveLength(1);
  });
});
