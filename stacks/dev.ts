import * as k8s from "@pulumi/kubernetes";
import { clusterSettings } from "../components/cluster/cluster-settings.ts";
import { notedAccess } from "../components/access/matrix/access-ledger.ts";
import { AuditDevices } from "../components/vault/server/audit-devices.ts";
import { PreviewAccess } from "../components/vault/bootstrap/preview-access.ts";
import { requireSameSeal } from "../components/vault/seal/seal-guard.ts";
import { keysSecretName, VaultBootstrap } from "../components/vault/bootstrap/vault-bootstrap.ts";
import { reachVault } from "../components/vault/reach/vault-reach.ts";
import { VaultServer } from "../components/vault/server/vault-server.ts";
import { vaultTarget } from "../components/vault/server/vault-target.ts";
import { requireSameVolumes } from "../components/vault/server/volume-guard.ts";
import type { StackConfig } from "./config.ts";
import { createDatabase } from "./database.ts";
import { createNamespace } from "./identity.ts";
import { nodeUrl } from "./settings/node-url.ts";
import { publishOutputs } from "./published-outputs.ts";
import { createSealSecret } from "./seal-secret.ts";
import { outputsVersion, type PendingOutputs } from "./outputs.ts";
import { sample } from "./sample.ts";

/**
 * One Vault for development and demonstrations, from nothing to a workload that reads its secret.
 * @param config The stack's settings.
 * @returns The stack's outputs.
 */
export async function dev(config: StackConfig): Promise<PendingOutputs> {
  const { topology, namespace, kubeContext, adoptExisting: adopt } = config;
  const target = vaultTarget(topology, { name: "vault", namespace, kubeContext });
  await requireSameSeal(target, keysSecretName, config.sealing);
  await requireSameVolumes(target, config);
  const reach = await reachVault(config.access, target, keysSecretName);

  const cluster = { provider: new k8s.Provider("cluster", clusterSettings(kubeContext, config.taking)) };
  const vaultNamespace = createNamespace("vault-namespace", namespace, cluster);
  const sealSecret = createSealSecret(config, vaultNamespace, cluster);
  const server = new VaultServer(
    "vault",
    {
      topology,
      namespace,
      sealing: config.sealing,
      image: config.vaultImage,
      ...(config.vaultVersion !== undefined && { version: config.vaultVersion }),
      auditStorageSize: config.auditStorageSize,
      storageClass: config.storageClass,
      nodePort: config.nodePort,
    },
    { ...cluster, dependsOn: [vaultNamespace, ...sealSecret] },
  );
  // What lives inside Vault goes with its volumes, and they go with the namespace: a destroy needs no open Vault.
  const withVault = { deletedWith: vaultNamespace };
  const { custody } = config;
  const bootstrap = new VaultBootstrap(
    "vault-bootstrap",
    { server, target, reach, custody, comparesWithoutVault: !adopt },
    withVault,
  );
  const { provider, session, compares } = bootstrap;
  const audit = new AuditDevices(
    "audit",
    { file: server.facts.storageSize !== null, adopt },
    { ...withVault, provider },
  );
  const insideVault = { ...withVault, provider, dependsOn: [audit] };

  const both = { ...withVault, providers: [cluster.provider, provider], dependsOn: [audit] };

  const database = await createDatabase({ config, server, cluster, session, insideVault });
  const outputs = {
    outputsVersion,
    vaultServer: topology.kind,
    vaultAddress: server.nodePort.apply((port) => nodeUrl(config, "http", port) ?? reach.address),
    vaultInternalAddress: server.internalAddress,
    vaultNamespace: vaultNamespace.metadata.name,
    vaultCaCertificate: "",
    vaultCertificateExpires: "",
    vaultAuthorityExpires: "",
    ...sample({ config, server, cluster, insideVault, delivered: { engine: database.engine, both }, outward: [] }),
    ...database.outputs,
  };
  // Last: what is declared later is neither looked at by previews nor in the matrix.
  if (custody !== null) new PreviewAccess("preview-access", insideVault);
  const accessMatrix = notedAccess(provider);
  return publishOutputs({ ...outputs, accessMatrix }, vaultNamespace.metadata.name, compares, cluster);
}
