import type { TlsPair } from "./tls-pair.ts";

/** Where the Vault is and what it serves. */
export interface TlsVault {
  readonly namespace: string;
  readonly pair: TlsPair;
  /** Token of everything: this Vault is for one test. */
  readonly rootToken: string;
}

/** Name of its StatefulSet, its Service and its Secrets. */
export const tlsVaultName = "backend";

/**
 * A Vault in memory, open from the start, that speaks TLS with a given certificate: what a passthrough leads to. The
 * listener of its development mode stays on the pod's loopback.
 */
export function tlsVaultObjects({ namespace, pair, rootToken }: TlsVault): string {
  const metadata = { name: tlsVaultName, namespace };
  const labels = { app: tlsVaultName };
  const mounts = { tls: "/tls", config: "/config", home: "/home/vault" };
  const listener =
    `listener "tcp" {\n  address = "[::]:8200"\n` +
    `  tls_cert_file = "${mounts.tls}/tls.crt"\n  tls_key_file = "${mounts.tls}/tls.key"\n}\n`;
  const container = {
    name: "vault",
    image: "hashicorp/vault:1.21.0",
    command: [
      "vault",
      "server",
      "-dev",
      "-dev-no-store-token",
      "-dev-listen-address=127.0.0.1:8100",
      "-config=/config",
    ],
    env: [
      { name: "VAULT_DEV_ROOT_TOKEN_ID", valueFrom: { secretKeyRef: { name: `${tlsVaultName}-token`, key: "token" } } },
      { name: "HOME", value: mounts.home },
    ],
    readinessProbe: { httpGet: { path: "/v1/sys/health", port: 8200, scheme: "HTTPS" }, periodSeconds: 1 },
    volumeMounts: Object.entries(mounts).map(([name, mountPath]) => ({ name, mountPath })),
  };
  const spec = {
    serviceName: tlsVaultName,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [container],
        volumes: [
          { name: "tls", secret: { secretName: `${tlsVaultName}-tls` } },
          { name: "config", configMap: { name: tlsVaultName } },
          { name: "home", emptyDir: {} },
        ],
      },
    },
  };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `${tlsVaultName}-tls`, namespace },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": pair.certificate, "tls.key": pair.key },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `${tlsVaultName}-token`, namespace },
      stringData: { token: rootToken },
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "listener.hcl": listener } },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port: 8200 }] } },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec },
  ];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
