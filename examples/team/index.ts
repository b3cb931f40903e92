/**
 * Another team's stack: a workload that logs in to Vault as itself and reads a secret at each request. All it knows of
 * the Vault stack are the outputs, by the package `consumer/`. The Vault stack lets it in by its setting
 *
 *     consumers: { team: { namespace: team, serviceAccount: app, secrets: [webapp/config], database: myapp-db-role } }
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clientVariables, databaseLoginPath, readOutputs, secretPath, workloadLogin } from "../../consumer/index.ts";

const config = new pulumi.Config();
const consumer = config.get("consumer") ?? "team";
const name = "app";
const tokenFolder = "/var/run/secrets/vault";
const caFolder = "/etc/vault";

const vault = readOutputs(new pulumi.StackReference(config.require("vaultStack")));
const login = vault.apply((outputs) => workloadLogin(outputs, consumer));

const cluster = { provider: new k8s.Provider("cluster", { context: config.require("kubeContext") }) };
const namespace = new k8s.core.v1.Namespace("team", { metadata: { name: config.get("namespace") ?? "team" } }, cluster);
const metadata = { name, namespace: namespace.metadata.name };
const account = new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: false }, cluster);
const authority = new k8s.core.v1.ConfigMap(
  "vault-ca",
  { metadata: { ...metadata, name: "vault-ca" }, data: { "ca.crt": login.caCertificate } },
  cluster,
);
const variables = pulumi.all([vault, login]).apply(([outputs, { authPath, role, ...rest }]) => ({
  ...clientVariables({ authPath, role, ...rest }, `${caFolder}/ca.crt`),
  VAULT_AUTH_PATH: authPath,
  VAULT_ROLE: role,
  VAULT_SECRET_PATH: secretPath(outputs, "webapp/config"),
  TOKEN_PATH: `${tokenFolder}/token`,
}));
const deployment = new k8s.apps.v1.Deployment(
  name,
  {
    metadata,
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          serviceAccountName: account.metadata.name,
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532 },
          containers: [
            {
              name,
              image: config.get("image") ?? "vaultstack/web-app:0.2.0",
              imagePullPolicy: "IfNotPresent",
              env: variables.apply((all) => Object.entries(all).map(([key, value]) => ({ name: key, value }))),
              ports: [{ containerPort: 8080 }],
              readinessProbe: { httpGet: { path: "/healthz", port: 8080 } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
              volumeMounts: [
                { name: "vault-token", mountPath: tokenFolder, readOnly: true },
                { name: "vault-ca", mountPath: caFolder, readOnly: true },
              ],
            },
          ],
          volumes: [
            {
              name: "vault-token",
              projected: {
                sources: [{ serviceAccountToken: { path: "token", audience: login.audience, expirationSeconds: 600 } }],
              },
            },
            { name: "vault-ca", configMap: { name: authority.metadata.name } },
          ],
        },
      },
    },
  },
  cluster,
);
const service = new k8s.core.v1.Service(
  name,
  { metadata, spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] } },
  { ...cluster, dependsOn: [deployment] },
);

/** Address of the workload inside the cluster. */
export const address = pulumi.interpolate`http://${service.metadata.name}.${namespace.metadata.name}.svc`;

/** Where the workload asks Vault for a login of the database; empty where the Vault stack has none. */
export const databaseLogin = vault.apply((outputs) =>
  outputs.databaseMount === "" ? "" : databaseLoginPath(outputs, "app"),
);
