/** Selector and template of the pods, up to the command of Vault. */
const server = (image: string): string => `  selector: { matchLabels: { app: vault } }
  template:
    metadata: { labels: { app: vault } }
    spec:
      serviceAccountName: vault
      securityContext: { runAsNonRoot: true, runAsUser: 100, runAsGroup: 1000, fsGroup: 1000 }
      containers:
        - name: vault
          image: ${image}
          imagePullPolicy: IfNotPresent
          command: ["/bin/vault", "server", "-config=/vault/config"]
`;

/** Volumes for data and audit log. */
const claims = `  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Gi } } }
    - metadata: { name: audit }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Gi } } }
`;

/** The manifests a person would apply, as the guides render them. */
export const manifests = {
  /**
   * Standalone Vault with file storage, an audit volume and a NodePort.
   * @param image Image of the Vault server.
   * @returns YAML documents.
   */
  vault: (image: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: vault }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: by-hand-vault }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:auth-delegator" }
subjects: [{ kind: ServiceAccount, name: vault, namespace: by-hand }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: vault-config }
data:
  vault.hcl: |
    ui = true
    disable_mlock = true
    listener "tcp" {
      address = "[::]:8200"
      tls_disable = 1
    }
    storage "file" {
      path = "/vault/data"
    }
---
apiVersion: v1
kind: Service
metadata: { name: vault }
spec:
  type: NodePort
  publishNotReadyAddresses: true
  selector: { app: vault }
  ports: [{ name: http, port: 8200, nodePort: 30104 }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: vault }
spec:
  serviceName: vault
  replicas: 1
${server(image)}          ports: [{ containerPort: 8200 }]
          readinessProbe: { httpGet: { path: /v1/sys/health, port: 8200 }, periodSeconds: 5, initialDelaySeconds: 5 }
          volumeMounts:
            - { name: config, mountPath: /vault/config }
            - { name: data, mountPath: /vault/data }
            - { name: audit, mountPath: /vault/logs }
      volumes: [{ name: config, configMap: { name: vault-config } }]
${claims}`,
  /**
   * Three servers with Raft storage and TLS, as the usual chart renders them.
   * @param image Image of the Vault server.
   * @returns YAML documents.
   */
  cluster: (image: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: vault }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: vault-config }
data:
  vault.hcl: |
    ui = true
    disable_mlock = true
    listener "tcp" {
      address = "[::]:8200"
      cluster_address = "[::]:8201"
      tls_cert_file = "/vault/tls/tls.crt"
      tls_key_file = "/vault/tls/tls.key"
    }
    storage "raft" {
      path = "/vault/data"
${[0, 1, 2]
  .map(
    (peer) => `      retry_join {
        leader_api_addr = "https://vault-${peer}.vault-internal:8200"
        leader_ca_cert_file = "/vault/tls/ca.crt"
      }
`,
  )
  .join("")}    }
---
apiVersion: v1
kind: Service
metadata: { name: vault-internal }
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: { app: vault }
  ports: [{ name: https, port: 8200 }, { name: internal, port: 8201 }]
---
apiVersion: v1
kind: Service
metadata: { name: vault }
spec:
  type: NodePort
  selector: { app: vault }
  ports: [{ name: https, port: 8200, nodePort: 30104 }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: vault }
spec:
  serviceName: vault-internal
  replicas: 3
  podManagementPolicy: Parallel
${server(image)}          env:
            - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            - { name: VAULT_RAFT_NODE_ID, value: "$(POD)" }
            - { name: VAULT_API_ADDR, value: "https://$(POD).vault-internal:8200" }
            - { name: VAULT_CLUSTER_ADDR, value: "https://$(POD).vault-internal:8201" }
            - { name: VAULT_ADDR, value: "https://127.0.0.1:8200" }
            - { name: VAULT_CACERT, value: /vault/tls/ca.crt }
          ports: [{ containerPort: 8200 }, { containerPort: 8201 }]
          readinessProbe:
            httpGet: { path: "/v1/sys/health?standbyok=true", port: 8200, scheme: HTTPS }
            periodSeconds: 5
            initialDelaySeconds: 5
          volumeMounts:
            - { name: config, mountPath: /vault/config }
            - { name: data, mountPath: /vault/data }
            - { name: audit, mountPath: /vault/logs }
            - { name: tls, mountPath: /vault/tls }
      volumes:
        - { name: config, configMap: { name: vault-config } }
        - { name: tls, secret: { secretName: vault-tls } }
${claims}`,
  /**
   * The web app with its projected token and a NodePort.
   * @param image Image of the sample app.
   * @returns YAML documents.
   */
  webApp: (image: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: webapp }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: webapp }
spec:
  selector: { matchLabels: { app: webapp } }
  template:
    metadata: { labels: { app: webapp } }
    spec:
      serviceAccountName: webapp
      containers:
        - name: app
          image: ${image}
          imagePullPolicy: IfNotPresent
          env:
            - { name: VAULT_ADDR, value: "http://vault:8200" }
            - { name: VAULT_ROLE, value: webapp }
            - { name: VAULT_AUTH_PATH, value: kubernetes }
            - { name: VAULT_SECRET_PATH, value: secret/data/webapp/config }
            - { name: TOKEN_PATH, value: /var/run/secrets/vault/token }
          ports: [{ containerPort: 8080 }]
          volumeMounts: [{ name: token, mountPath: /var/run/secrets/vault }]
      volumes:
        - name: token
          projected:
            sources:
              - serviceAccountToken:
                  path: token
                  expirationSeconds: 600
                  audience: https://kubernetes.default.svc.cluster.local
---
apiVersion: v1
kind: Service
metadata: { name: webapp }
spec:
  type: NodePort
  selector: { app: webapp }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30105 }]
`,
} as const;
