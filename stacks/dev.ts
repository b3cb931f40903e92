import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KubernetesAuth } from "../components/access/kubernetes-auth.ts";
import { Policy } from "../components/access/policy.ts";
import { clusterSettings } from "../components/cluster/cluster-settings.ts";
import { KvEngine } from "../components/engines/kv.ts";
import { standardLabels } from "../components/shared/labels.ts";
import { AuditDevices } from "../components/vault/audit-devices.ts";
import { requireSameSeal } from "../components/vault/seal-guard.ts";
import { keysSecretName, VaultBootstrap } from "../components/vault/vault-bootstrap.ts";
import { reachVault } from "../components/vault/vault-reach.ts";
import { VaultServer } from "../components/vault/vault-server.ts";
import { vaultTarget } from "../components/vault/vault-target.ts";
import { WebApp } from "../components/workloads/web-app.ts";
import type { StackConfig } from "./config.ts";
import { ldapLogin } from "./ldap-login.ts";
import { devDatabase } from "./dev-database.ts";
import { createSealSecret } from "./seal-secret.ts";
import { outputsVersion, type PendingOutputs } from "./outputs.ts";

/**
 * One Vault for development and demonstrations, from nothing to a workload that reads its secret.
 * @param config The stack's settings.
 * @returns The stack's outputs.
 */
export async function dev(config: StackConfig): Promise<PendingOutputs> {
  const { topology, namespace, kubeContext, adoptExisting: adopt } = config;
  const target = vaultTarget(topology, { name: "vault", namespace, kubeContext });
  await requireSameSeal(target, keysSecretName, config.sealing);
  const reach = await reachVault(config.access, target);

  const cluster = { provider: new k8s.Provider("cluster", clusterSettings(kubeContext, adopt)) };
  const vaultNamespace = createNamespace("vault-namespace", namespace, cluster);
  const sealSecret = createSealSecret(config, vaultNamespace, cluster);
  const server = new VaultServer(
    "vault",
    {
      topology,
      namespace,
      sealing: config.sealing,
      image: config.vaultImage,
      auditStorageSize: config.auditStorageSize,
      storageClass: config.storageClass,
      nodePort: config.nodePort,
    },
    { ...cluster, dependsOn: [vaultNamespace, ...sealSecret] },
  );
  // What lives inside Vault goes with its volumes, and they go with the namespace: a destroy needs no open Vault.
  const withVault = { deletedWith: vaultNamespace };
  const { custody } = config;
  const { provider, session } = new VaultBootstrap("vault-bootstrap", { server, target, reach, custody }, withVault);
  const audit = new AuditDevices(
    "audit",
    { file: server.facts.storageSize !== null, adopt },
    { ...withVault, provider },
  );
  const insideVault = { ...withVault, provider, dependsOn: [audit] };

  const kv = new KvEngine("secret", { seeds: config.kvSeeds, adopt }, insideVault);
  const secret = kv.secret("webapp/config");
  const readSecret = new Policy("webapp", { rules: [{ path: secret.dataPath, capabilities: ["read"] }] }, insideVault);

  const database = await devDatabase({ config, cluster, session, insideVault });

  const webAppAccount = createIdentity(
    "webapp",
    createNamespace("webapp-namespace", config.webAppNamespace, cluster),
    cluster,
  );
  const workloadAuth = new KubernetesAuth(
    "kubernetes",
    {
      adopt,
      roles: {
        webapp: {
          serviceAccounts: [webAppAccount],
          audience: "https://kubernetes.default.svc.cluster.local",
          policies: [readSecret],
          lifetime: { kind: "ttl", ttl: "24h" },
        },
      },
    },
    insideVault,
  );
  const demoAccount = createIdentity(
    "demo-static-app",
    createNamespace("app-namespace", config.demoAppNamespace, cluster),
    cluster,
  );
  const demoAuth = new KubernetesAuth(
    "demo-auth-mount",
    {
      path: "demo-auth-mount",
      adopt,
      roles: {
        role1: {
          serviceAccounts: [demoAccount],
          audience: "vault",
          policies: [readSecret],
          lifetime: { kind: "ttl", ttl: "24h" },
        },
      },
    },
    insideVault,
  );

  const people = config.ldap === null ? null : ldapLogin({ login: config.ldap, kv, adopt }, insideVault);

  const { webapp } = workloadAuth.logins;
  const { role1 } = demoAuth.logins;
  const webApp = new WebApp(
    "webapp",
    {
      serviceAccount: webAppAccount,
      vaultAddress: server.internalAddress,
      login: webapp,
      secret,
      image: config.webAppImage,
      nodePort: config.webAppNodePort,
    },
    cluster,
  );

  return {
    outputsVersion,
    vaultServer: topology.kind,
    vaultAddress: server.nodePort.apply((port) => nodeUrl(config, port) ?? reach.address),
    vaultInternalAddress: server.internalAddress,
    vaultNamespace: vaultNamespace.metadata.name,
    vaultCaCertificate: "",
    kvMount: kv.path,
    webAppUrl: webApp.nodePort.apply((port) => nodeUrl(config, port) ?? ""),
    webAppNamespace: webAppAccount.metadata.namespace,
    webAppAuthPath: webapp.authPath,
    webAppRole: webapp.roleName,
    webAppAudience: webapp.audience,
    webAppSecretPath: secret.dataPath,
    ldapAuthPath: people?.path ?? "",
    demoAppNamespace: demoAccount.metadata.namespace,
    demoAppServiceAccount: demoAccount.metadata.name,
    demoAppAuthPath: role1.authPath,
    demoAppRole: role1.roleName,
    demoAppAudience: role1.audience,
    ...database.outputs,
  };
}

function createNamespace(name: string, namespace: string, opts: pulumi.CustomResourceOptions): k8s.core.v1.Namespace {
  const labels = standardLabels({ name: namespace, instance: namespace, component: "namespace" });
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels } }, opts);
}

/** Who a workload is to Kubernetes, and by a role to Vault. */
function createIdentity(
  name: string,
  namespace: k8s.core.v1.Namespace,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ServiceAccount {
  const labels = standardLabels({ name, instance: name, component: "identity" });
  const metadata = { name, namespace: namespace.metadata.name, labels };
  return new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, opts);
}

function nodeUrl({ nodeAddress }: StackConfig, port: number | undefined): string | undefined {
  return port === undefined ? undefined : `http://${nodeAddress}:${port}`;
}
