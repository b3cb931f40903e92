import * as k8s from "@pulumi/kubernetes";
import { clusterSettings } from "../components/cluster/cluster-settings.ts";
import { AuditDevices } from "../components/vault/server/audit-devices.ts";
import { requireSameSeal } from "../components/vault/seal/seal-guard.ts";
import { keysSecretName, VaultBootstrap } from "../components/vault/bootstrap/vault-bootstrap.ts";
import { reachVault } from "../components/vault/reach/vault-reach.ts";
import { VaultServer } from "../components/vault/server/vault-server.ts";
import { vaultTarget } from "../components/vault/server/vault-target.ts";
import { requireSameVolumes } from "../components/vault/server/volume-guard.ts";
import type { StackConfig } from "./config.ts";
import { createNamespace } from "../components/cluster/identity.ts";
import { nodeUrl } from "../shared/node-url.ts";
import { createSealSecret } from "./seal-secret.ts";
import type { PendingOutputs } from "./outputs.ts";
import { platform } from "./platform.ts";

/** One Vault, with or without a volume, and what is inside it. */
export async function dev(config: StackConfig): Promise<PendingOutputs> {
  const { kubeContext, adopt, seal } = config;
  const { topology, namespace } = config.server;
  const target = vaultTarget(topology, { name: "vault", namespace, kubeContext });
  await requireSameSeal(target, keysSecretName, seal.sealing);
  await requireSameVolumes(target, config.server);
  const reach = await reachVault(config.access, target, keysSecretName);

  const cluster = { provider: new k8s.Provider("cluster", clusterSettings(kubeContext, config.taking)) };
  const vaultNamespace = createNamespace("vault-namespace", namespace, cluster);
  const sealSecret = createSealSecret(seal, vaultNamespace, cluster);
  const server = new VaultServer(
    "vault",
    {
      ...config.server,
      sealing: seal.sealing,
    },
    { ...cluster, dependsOn: [vaultNamespace, ...sealSecret] },
  );
  // What lives inside Vault is deleted with its volumes, and they with the namespace: a destroy needs no open Vault.
  const withVault = { deletedWith: vaultNamespace };
  const { custody } = config;
  const bootstrap = new VaultBootstrap(
    "vault-bootstrap",
    { server, target, reach, custody, comparesWithoutVault: !adopt },
    withVault,
  );
  const audit = new AuditDevices(
    "audit",
    { file: server.facts.storageSize !== null, adopt },
    { ...withVault, provider: bootstrap.provider },
  );
  const vaultOutputs = {
    vaultServer: topology.kind,
    vaultAddress: server.nodePort.apply((port) => nodeUrl(config.nodeAddress, "http", port) ?? reach.address),
    vaultInternalAddress: server.internalAddress,
    vaultNamespace: vaultNamespace.metadata.name,
    vaultCaCertificate: "",
    vaultCertificateExpires: "",
    vaultAuthorityExpires: "",
  };
  return platform({ config, server, bootstrap, cluster, audit, withVault, egress: [], vaultOutputs });
}
