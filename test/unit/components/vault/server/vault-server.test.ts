import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import {
  VaultServer,
  vaultServerFaults,
  type VaultServerArgs,
} from "../../../../../components/vault/server/vault-server.ts";
import { find, masked, record, type Recording } from "../../../../../graph/recorder.ts";

const standalone: VaultServerArgs = { topology: { kind: "standalone", storageSize: "10Gi" }, namespace: "secrets" };

function serverOf(args: VaultServerArgs, read: (server: VaultServer) => unknown = () => ({})): Promise<Recording> {
  return record(() => read(new VaultServer("vault", args, { provider: new k8s.Provider("cluster", {}) })));
}

const statefulSetOf = (recording: Recording) => find(recording, "kubernetes:apps/v1:StatefulSet", "vault").inputs;

describe("a standalone server", () => {
  test("is not waited for, because a sealed pod is never ready", async () => {
    const recording = await serverOf(standalone);
    const unready = ["vault", "vault-internal", "vault-service"].map(
      (name) => recording.resources.find((resource) => resource.custom && resource.name === name)?.inputs["metadata"],
    );
    expect(unready).toEqual(
      unready.map(() => expect.objectContaining({ annotations: { "pulumi.com/skipAwait": "true" } }) as unknown),
    );
  });

  test("keeps its data and its audit log on volumes that outlive the StatefulSet", async () => {
    const claim = (name: string, size: string) => ({
      metadata: { name },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } } },
    });
    expect(statefulSetOf(await serverOf({ ...standalone, auditStorageSize: "5Gi" }))).toMatchObject({
      spec: {
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        volumeClaimTemplates: [claim("data", "10Gi"), claim("audit", "5Gi")],
      },
    });
  });

  test("uses the named storage class for both volumes", async () => {
    const { spec } = statefulSetOf(await serverOf({ ...standalone, storageClass: "fast" })) as {
      spec: { volumeClaimTemplates: unknown };
    };
    expect(spec.volumeClaimTemplates).toMatchObject([
      { spec: { storageClassName: "fast" } },
      { spec: { storageClassName: "fast" } },
    ]);
  });

  test("replaces an unready pod when its template changes", async () => {
    expect(statefulSetOf(await serverOf(standalone))).toMatchObject({
      spec: { podManagementPolicy: "Parallel", updateStrategy: { type: "RollingUpdate" } },
    });
  });

  test("may review tokens, under a name of its own in the cluster", async () => {
    const recording = await serverOf(standalone);
    const type = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding";
    expect(find(recording, type, "vault-token-review").inputs).toMatchObject({
      metadata: { name: "secrets-vault-server-binding" },
      roleRef: { kind: "ClusterRole", name: "system:auth-delegator" },
      subjects: [{ kind: "ServiceAccount", name: "vault", namespace: "secrets" }],
    });
  });

  test("reads an immutable configuration whose name, in the program too, changes with its text", async () => {
    const recording = await serverOf(standalone);
    const [configMap] = recording.resources.filter(({ type }) => type === "kubernetes:core/v1:ConfigMap");
    const { metadata, immutable } = configMap?.inputs as { metadata: { name: string }; immutable: boolean };
    expect(immutable).toBe(true);
    expect(metadata.name).toMatch(/^vault-config-[0-9a-f]{8}$/);
    expect(configMap?.name).toBe(metadata.name);
    expect(JSON.stringify(statefulSetOf(recording))).toContain(`"configMap":{"name":"${metadata.name}"}`);
  });

  test.each([
    [undefined, { type: "ClusterIP" }],
    [30_004, { type: "NodePort", ports: [{ port: 8200, nodePort: 30_004 }] }],
  ])("with the node port %s has a Service like %j", async (nodePort, spec) => {
    const recording = await serverOf({ ...standalone, nodePort });
    expect(find(recording, "kubernetes:core/v1:Service", "vault-service").inputs).toMatchObject({ spec });
  });

  test("tells its address in the cluster and its node port", async () => {
    const { outputs } = await serverOf({ ...standalone, nodePort: 30_004 }, ({ internalAddress, nodePort }) => ({
      internalAddress,
      nodePort,
    }));
    expect(outputs).toEqual({ internalAddress: "http://vault.secrets.svc:8200", nodePort: 30_004 });
  });

  test("rejects sizes that Kubernetes would refuse, all at once", () => {
    const faults = vaultServerFaults({
      ...standalone,
      topology: { kind: "standalone", storageSize: "0Gi" },
      auditStorageSize: "-1Gi",
    });
    expect(faults).toEqual([
      'topology.storageSize: must be a positive whole number and a binary unit, got "0Gi"; write it as 10Gi',
      'auditStorageSize: must be a positive whole number and a binary unit, got "-1Gi"; write it as 10Gi',
    ]);
  });
});

describe("the development server", () => {
  const dev: VaultServerArgs = { topology: { kind: "in-memory" }, namespace: "secrets" };

  test("has neither configuration nor volumes", async () => {
    const recording = await serverOf(dev);
    expect(recording.resources.some(({ type }) => type.endsWith(":ConfigMap"))).toBe(false);
    expect(statefulSetOf(recording)).not.toHaveProperty("spec.volumeClaimTemplates");
  });

  test("is waited for, because it is ready once it serves", async () => {
    expect(statefulSetOf(await serverOf(dev))).not.toHaveProperty("metadata.annotations");
  });

  test("takes its root token from a Secret that the state keeps encrypted", async () => {
    const recording = await serverOf(dev);
    expect(find(recording, "kubernetes:core/v1:Secret", "vault-dev-token").inputs["stringData"]).toBe(masked);
  });
});
