import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import * as vault from "@pulumi/vault";
import { clusterSettings } from "../components/cluster/cluster-settings.ts";
import { AuditDevices } from "../components/vault/server/audit-devices.ts";
import { autopilotArgs } from "../components/vault/server/autopilot.ts";
import { inspectCertificate } from "../components/vault/certificate/certificate-inspection.ts";
import { certificateName } from "../protocol/certificate/trusted-authorities.ts";
import { certificateSecrets } from "../components/vault/certificate/certificate-source.ts";
import { ListenerCertificate } from "../components/vault/certificate/listener-certificate.ts";
import { ServedCertificate } from "../components/vault/passthrough/served-certificate.ts";
import { TlsPassthrough } from "../components/vault/passthrough/tls-passthrough.ts";
import { requireSameSeal } from "../components/vault/seal/seal-guard.ts";
import { topologyFacts } from "../components/vault/server/topology.ts";
import { VaultScaleDown } from "../components/vault/bootstrap/vault-scale-down.ts";
import { keysSecretName, VaultBootstrap } from "../components/vault/bootstrap/vault-bootstrap.ts";
import { reachVault } from "../components/vault/reach/vault-reach.ts";
import { VaultServer } from "../components/vault/server/vault-server.ts";
import { vaultTarget } from "../components/vault/server/vault-target.ts";
import { requireSameVolumes } from "../components/vault/server/volume-guard.ts";
import type { StackConfig } from "./config.ts";
import { allowEgressOfSettings } from "./egress.ts";
import { createNamespace } from "../components/cluster/identity.ts";
import { networkAccess } from "./settings/network.ts";
import { nodeUrl } from "../shared/node-url.ts";
import { proofOf } from "./settings/passthrough.ts";
import type { PendingOutputs } from "./outputs.ts";
import { platform } from "./platform.ts";
import { createSealSecret } from "./seal-secret.ts";

/** Former name of the resource that removes servers from the cluster. */
const formerScaleDown: pulumi.Alias = { name: "vault-departure", type: "pulumi-nodejs:dynamic/vault:Departure" };

/**
 * A cluster of Vault servers behind TLS, and what is inside it. It serves while more than half of
 * its servers do.
 */
export async function ha(config: StackConfig): Promise<PendingOutputs> {
  const { kubeContext, adopt, seal } = config;
  const { topology, namespace } = config.server;
  const { certificate: source } = config;
  const { authoritySecret } = certificateSecrets(source);
  const target = vaultTarget(topology, { name: "vault", namespace, kubeContext }, authoritySecret);
  await requireSameSeal(target, keysSecretName, seal.sealing);
  await requireSameVolumes(target, config.server);
  const facts = topologyFacts(topology, { name: "vault", namespace });
  const stored = await inspectCertificate({ source, facts, target });
  const reach = await reachVault(config.access, target, keysSecretName);
  const network = await networkAccess(config.network, kubeContext);

  const cluster = { provider: new k8s.Provider("cluster", clusterSettings(kubeContext, config.taking)) };
  const authorities = new tls.Provider("authorities");
  const vaultNamespace = createNamespace("vault-namespace", namespace, namespaceOptions(config, cluster));
  const certificate = new ListenerCertificate(
    certificateName,
    { facts, namespace, kubeContext, source, stored },
    { providers: [cluster.provider, authorities], dependsOn: [vaultNamespace] },
  );
  // What lives inside Vault is deleted with its volumes, and they with the namespace: a destroy needs no open Vault.
  const withVault = { deletedWith: vaultNamespace };
  const { custody } = config;
  const staying = pulumi.output(certificate.files.authoritySecret).apply(() => target);
  const scaleDown =
    custody === null
      ? []
      : [
          new VaultScaleDown(
            "vault-scale-down",
            { target: staying, custody },
            { ...withVault, aliases: [formerScaleDown] },
          ),
        ];
  const sealSecret = createSealSecret(seal, vaultNamespace, cluster);
  const server = new VaultServer(
    "vault",
    {
      ...config.server,
      certificate,
      network,
      sealing: seal.sealing,
    },
    { ...cluster, dependsOn: [vaultNamespace, ...scaleDown, ...sealSecret] },
  );
  const egress = allowEgressOfSettings(config, server, cluster);
  const bootstrap = new VaultBootstrap(
    "vault-bootstrap",
    { server, target, reach, custody, comparesWithoutVault: !adopt },
    withVault,
  );
  const { provider } = bootstrap;
  const audit = new AuditDevices("audit", { file: true, adopt }, { ...withVault, provider });
  if (topology.kind === "raft") {
    // The official provider does not send values that are false; so another choice replaces the resource, starting from
    // Vault's own values.
    const resetting = { replaceOnChanges: ["cleanupDeadServers"], deleteBeforeReplace: true };
    new vault.RaftAutopilot("raft-autopilot", autopilotArgs(topology), {
      ...{ ...withVault, provider, dependsOn: [audit] },
      ...resetting,
    });
  }
  const { files, fingerprint } = certificate;
  new ServedCertificate(
    `${certificateName}-served`,
    {
      // Certificates are compared and none is trusted, so a new authority alone is no reason to wait again.
      target: { ...target, tls: null },
      host: facts.serviceHost,
      entrance: pulumi.all([files.secret, fingerprint]).apply(([secret, expected]) => ({
        kind: "pods" as const,
        secret,
        fingerprint: expected,
      })),
    },
    { ...withVault, dependsOn: [bootstrap] },
  );
  const { passthrough } = config;
  const outside =
    passthrough === null
      ? null
      : new TlsPassthrough(
          "vault",
          {
            host: passthrough.host,
            adapter: passthrough.adapter,
            backend: {
              namespace: vaultNamespace.metadata.name,
              service: server.facts.activeService,
              port: target.port,
            },
            proof: proofOf(passthrough.proof, target),
          },
          { ...cluster, ...withVault, dependsOn: [bootstrap] },
        );

  const vaultOutputs = {
    vaultServer: topology.kind,
    vaultAddress:
      outside?.url ?? server.nodePort.apply((port) => nodeUrl(config.nodeAddress, "https", port) ?? reach.address),
    vaultInternalAddress: server.internalAddress,
    vaultNamespace: vaultNamespace.metadata.name,
    vaultCaCertificate: certificate.caCertificate,
    vaultCertificateExpires: certificate.expires,
    vaultAuthorityExpires: certificate.authorityExpires,
  };
  const certificates = authorities;
  return platform({ config, server, bootstrap, cluster, certificates, audit, withVault, egress, vaultOutputs });
}

/** If others prepare the certificate or its signer in the namespace, the namespace exists before the stack. */
function namespaceOptions(
  { certificate, kubeContext }: StackConfig,
  cluster: { readonly provider: k8s.Provider },
): { readonly provider: k8s.Provider } {
  if (certificate.kind === "issued") return cluster;
  return { provider: new k8s.Provider("vault-namespace-cluster", clusterSettings(kubeContext, "objects")) };
}
