import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth } from "../components/access/logins/kubernetes-auth.ts";
import type { TokenLifetime } from "../components/access/logins/token-lifetime.ts";
import type { CredentialSource } from "../components/delivery/custom-resources/dynamic-secret.ts";
import { SecretDelivery } from "../components/delivery/secret-delivery.ts";
import type { VaultConnection } from "../components/delivery/custom-resources/vault-connection.ts";
import { standardLabels } from "../shared/labels.ts";
import { SyncedApp } from "./synced-app.ts";

/** What the applications of a database need of the rest of the stack. */
export interface DatabaseLoginsArgs {
  /** Identity of the applications. */
  readonly serviceAccount: k8s.core.v1.ServiceAccount;
  /** The operator's connection to Vault. */
  readonly connection: VaultConnection;
  /** Login method for tokens issued for Vault. */
  readonly auth: KubernetesAuth;
  /** Role of the database engine. */
  readonly source: CredentialSource;
  /** Lifetime of the Vault token that the operator holds on behalf of the applications. */
  readonly lifetime: TokenLifetime;
  /** Image of the applications. */
  readonly image: string;
  /** Options with both providers; the rest is about what lives inside Vault. */
  readonly clusterAndVault: pulumi.ComponentResourceOptions;
  /** Options with the cluster's provider. */
  readonly cluster: pulumi.CustomResourceOptions;
}

/**
 * Two applications that use database logins without knowing Vault: one gets them as files from a Secret of its own, the
 * other as environment variables from a Secret that the operator creates. Both are restarted with each new login.
 * @param args What they need of the rest of the stack.
 */
export function deliverDatabaseLogins(args: DatabaseLoginsArgs): SecretDelivery<"vso-db-demo" | "vso-db-demo-create"> {
  const { serviceAccount, connection, auth, source, lifetime, image, clusterAndVault, cluster } = args;
  const { namespace } = serviceAccount.metadata;
  const name = "vso-db-demo";
  const created = `${name}-created`;
  const labels = standardLabels({ name, instance: name, component: "login" });
  const secret = new k8s.core.v1.Secret(
    `${name}-secret`,
    { metadata: { name, namespace, labels } },
    // The operator writes the data.
    { ...cluster, ignoreChanges: ["data", "stringData"] },
  );
  const restart = (deployment: string) => [{ kind: "Deployment", name: deployment } as const];
  const delivery = new SecretDelivery(
    "dynamic-auth",
    {
      serviceAccount,
      connection,
      auth,
      roleName: "auth-role",
      lifetime,
      secrets: {
        [name]: {
          kind: "dynamic",
          source,
          destination: { kind: "existing", secret, transformation: { excludeRaw: true } },
          renewalPercent: 67,
          rolloutRestart: restart(name),
        },
        [`${name}-create`]: {
          kind: "dynamic",
          source,
          destination: { kind: "create", name: created, transformation: { excludeRaw: true } },
          renewalPercent: 67,
          rolloutRestart: restart(created),
        },
      },
    },
    clusterAndVault,
  );
  const files = delivery.secrets[name];
  const variables = delivery.secrets[`${name}-create`];
  new SyncedApp(
    name,
    { serviceAccount, image, replicas: 3, secret: { kind: "files", secretName: files.secretName } },
    cluster,
  );
  new SyncedApp(
    created,
    {
      serviceAccount,
      image,
      secret: {
        kind: "variables",
        secretName: variables.secretName,
        prefix: "DB_",
        rolloutRestart: variables.rolloutRestart,
      },
    },
    cluster,
  );
  return delivery;
}
