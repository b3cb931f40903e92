import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import { SyncedApp, syncedAppFaults, type SecretConsumption } from "../../../demo/synced-app.ts";
import { find, record } from "../../../graph/recorder.ts";

// Proves what is asked for; that the pods see the values is shown by the live tests.

const variables = {
  kind: "variables",
  secretName: "login",
  prefix: "DB_",
  rolloutRestart: [{ kind: "Deployment", name: "shop" }],
} as const;

async function podOf(secret: SecretConsumption): Promise<Record<string, unknown>> {
  const recording = await record(() => {
    const cluster = { provider: new k8s.Provider("cluster", {}) };
    const metadata = { name: "app", namespace: "demo" };
    const serviceAccount = new k8s.core.v1.ServiceAccount("account", { metadata }, cluster);
    new SyncedApp("shop", { serviceAccount, replicas: 3, secret }, cluster);
  });
  const { spec } = find(recording, "kubernetes:apps/v1:Deployment", "shop").inputs as {
    spec: { replicas: number; template: { spec: Record<string, unknown> } };
  };
  expect(spec.replicas).toBe(3);
  return spec.template.spec;
}

describe("an application with a delivered secret", () => {
  test("has it as read-only files, which the kubelet replaces", async () => {
    expect(await podOf({ kind: "files", secretName: "login" })).toMatchObject({
      automountServiceAccountToken: false,
      volumes: [{ name: "secrets", secret: { secretName: "login", defaultMode: 0o440 } }],
      containers: [
        {
          env: [{ name: "SECRET_DIRECTORY", value: "/etc/secrets" }],
          volumeMounts: [{ name: "secrets", mountPath: "/etc/secrets", readOnly: true }],
        },
      ],
    });
  });

  test("has it as variables under a prefix", async () => {
    const pod = await podOf(variables);
    expect(pod).toMatchObject({ containers: [{ envFrom: [{ prefix: "DB_", secretRef: { name: "login" } }] }] });
    expect(pod).not.toHaveProperty("volumes");
  });

  test("is rejected with variables that nothing would ever change, and told where to say so", () => {
    const other = [{ kind: "Deployment", name: "other" } as const];
    expect(syncedAppFaults("shop", { secret: { ...variables, rolloutRestart: other } })).toEqual([
      'secret.rolloutRestart: must restart this Deployment, whose variables never change, got ["Deployment/other"]; ' +
        'add {kind: "Deployment", name: "shop"} where the secret is delivered, or use files',
    ]);
  });

  test("is rejected with every fault at once", () => {
    const faults = syncedAppFaults("shop", { replicas: 0, secret: { ...variables, prefix: "1-", rolloutRestart: [] } });
    expect(faults.map((fault) => fault.split(":")[0])).toEqual(["replicas", "secret.prefix", "secret.rolloutRestart"]);
  });
});
