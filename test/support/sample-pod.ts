/** Namespace of the sample pod. */
export const sampleNamespace = "sandbox-lifecycle";

/** Node port under which the sample pod answers. */
export const samplePort = 31_987;

/**
 * A pod as strict as those of the stacks, with a volume, a service, a node port and a projected token. It runs Vault
 * because that image is there; nothing of it depends on Vault.
 */
export const samplePod = JSON.stringify({
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: sampleNamespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "sample", namespace: sampleNamespace },
      spec: { type: "NodePort", selector: { app: "sample" }, ports: [{ port: 8200, nodePort: samplePort }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "sample", namespace: sampleNamespace },
      spec: {
        serviceName: "sample",
        selector: { matchLabels: { app: "sample" } },
        template: {
          metadata: { labels: { app: "sample" } },
          spec: {
            terminationGracePeriodSeconds: 1,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 100,
              runAsGroup: 1000,
              fsGroup: 1000,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name: "sample",
                image: "hashicorp/vault:1.21.0",
                command: ["vault", "server", "-config=/config"],
                env: [{ name: "VAULT_ADDR", value: `http://sample.${sampleNamespace}.svc.cluster.local:8200` }],
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                readinessProbe: { tcpSocket: { port: 8200 }, periodSeconds: 1 },
                volumeMounts: [
                  { name: "data", mountPath: "/vault/data" },
                  { name: "config", mountPath: "/config" },
                  { name: "token", mountPath: "/token" },
                ],
              },
            ],
            volumes: [
              { name: "config", configMap: { name: "sample" } },
              {
                name: "token",
                projected: {
                  sources: [{ serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 600 } }],
                },
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "sample", namespace: sampleNamespace },
      data: {
        "server.json": JSON.stringify({
          disable_mlock: true,
          listener: { tcp: { address: "0.0.0.0:8200", tls_disable: true } },
          storage: { file: { path: "/vault/data" } },
        }),
      },
    },
  ],
});
