/**
 * A program with a secrets operator that delivers from a Vault that is there already, for what no stack of the project
 * has: certificates of a PKI engine, and many secrets. Its settings are the arguments.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { KubernetesAuth } from "../../components/access/logins/kubernetes-auth.ts";
import { clusterSettings } from "../../components/cluster/cluster-settings.ts";
import type { DeliveredSecret } from "../../components/delivery/consumer-rules.ts";
import { SecretDelivery } from "../../components/delivery/secret-delivery.ts";
import { SecretsOperator } from "../../components/delivery/secrets-operator.ts";
import { KvEngine } from "../../components/engines/kv/kv.ts";
import { PkiEngine } from "../../components/engines/pki/pki.ts";
import { TransitEngine } from "../../components/engines/transit/transit.ts";
import type { Duration } from "../../shared/units.ts";
import { standardLabels } from "../../shared/labels.ts";
import { SyncedApp } from "../../demo/synced-app.ts";
import type { DeliveryProgramArgs } from "./delivery-vault.ts";

const config = new pulumi.Config();
const args = config.requireObject<DeliveryProgramArgs>("args");
const { kubeContext, prefix, certificate, staticSecrets } = args;

const cluster = new k8s.Provider("cluster", clusterSettings(kubeContext, "nothing"));
const { address, caCertFile, tlsServerName, internalAddress, caCertificate: vaultAuthority } = args.vault;
const provider = new vault.Provider("vault", {
  address,
  caCertFile,
  tlsServerName,
  token: config.requireSecret("token"),
  skipChildToken: true,
});
const inVault = { provider };
const both = { providers: [cluster, provider] };

function createNamespace(name: string): k8s.core.v1.Namespace {
  const labels = standardLabels({ name, instance: name, component: "namespace" });
  return new k8s.core.v1.Namespace(name, { metadata: { name, labels } }, { provider: cluster });
}

const reviewer = `${prefix}-token-reviewer`;
new k8s.rbac.v1.ClusterRoleBinding(
  reviewer,
  {
    metadata: { name: reviewer },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" },
    subjects: [{ kind: "ServiceAccount", name: "default", namespace: args.vault.namespace }],
  },
  { provider: cluster },
);
const operatorNamespace = createNamespace(`${prefix}-operator`);
const auth = new KubernetesAuth("kubernetes", { roles: {} }, inVault);
const transit = new TransitEngine("transit", { keys: { cache: { deletionAllowed: true } } }, inVault);
const { connection } = new SecretsOperator(
  "vault-secrets-operator",
  {
    kubeContext,
    namespace: operatorNamespace,
    chart: { kind: "path", path: args.chart },
    vaultAddress: internalAddress,
    tls: { caCertificate: vaultAuthority, serverName: tlsServerName },
    clientCache: { key: transit.key("cache"), auth, roleName: `${prefix}-operator` },
  },
  both,
);

const namespace = createNamespace(`${prefix}-app`);
const serviceAccount = new k8s.core.v1.ServiceAccount(
  "app",
  { metadata: { name: "app", namespace: namespace.metadata.name }, automountServiceAccountToken: false },
  { provider: cluster },
);
const lifetime = { kind: "ttl", ttl: "24h" } as const;
const common = { serviceAccount, connection, auth, lifetime };

const root = new PkiEngine(
  "pki",
  { authority: { kind: "root", commonName: "root", ttl: "48h" }, vaultAddress: internalAddress, roles: {} },
  inVault,
);
const issuing = new PkiEngine(
  "issuing",
  {
    authority: { kind: "intermediate", commonName: "issuing", ttl: args.authorityTtl ?? "24h", parent: root },
    vaultAddress: internalAddress,
    roles: { web: { allowedDomains: [`${prefix}-app.svc`], ttl: "10m", maxTtl: "1h" } },
  },
  inVault,
);

if (certificate !== null) {
  const { ttl, expiryOffset, restarts, timeout } = certificate;
  const delivery = new SecretDelivery(
    "web",
    {
      ...common,
      secrets: {
        web: {
          kind: "certificate",
          source: issuing.role("web"),
          destination: { kind: "create", name: "web-tls", type: "kubernetes.io/tls" },
          commonName: `web.${prefix}-app.svc`,
          ttl,
          expiryOffset,
          rolloutRestart: [{ kind: "Deployment", name: restarts }],
          timeout,
        },
      },
    },
    both,
  );
  const { secretName } = delivery.secrets.web;
  new SyncedApp("web", { serviceAccount, secret: { kind: "files", secretName } }, { provider: cluster });
}

if (staticSecrets > 0) {
  const names = Array.from({ length: staticSecrets }, (_, index) => `config-${index}`);
  const seed = (name: string) => pulumi.secret<Record<string, string>>({ username: name, password: `of ${name}` });
  const kv = new KvEngine("kv", { seeds: Object.fromEntries(names.map((name) => [name, seed(name)])) }, inVault);
  const secretOf = (name: string): DeliveredSecret => ({
    kind: "static",
    source: kv.secret(name),
    destination: { kind: "create", name },
    refreshAfter: "1h" satisfies Duration,
  });
  const secrets = Object.fromEntries(names.map((name) => [name, secretOf(name)]));
  new SecretDelivery("many", { ...common, secrets }, { ...both, dependsOn: [kv] });
}

/** What clients of the web application trust. */
export const caCertificate = root.caCertificate;
