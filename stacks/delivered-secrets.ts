import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth, KubernetesRoleArgs } from "../components/access/logins/kubernetes-auth.ts";
import { SecretDelivery } from "../components/delivery/secret-delivery.ts";
import type { KvSecret } from "../components/engines/kv/kv.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import type { StackConfig } from "./config.ts";
import { deliveredSecret } from "./delivered-secret.ts";
import { deliverDatabaseLogins } from "./database-logins.ts";
import type { Database } from "./database.ts";
import { createIdentity, createNamespace } from "./identity.ts";
import { lifetimes } from "./lifetimes.ts";
import { connectOperator } from "./secret-delivery.ts";

/** What the operator delivers from besides the store. */
export interface DeliveredParts {
  readonly engine: Database["engine"];
  /** Options with both providers; the rest is about what lives inside Vault. */
  readonly both: pulumi.ComponentResourceOptions;
}

/** What is delivered, and to whom. */
export interface DeliveredSecretsArgs {
  readonly config: StackConfig;
  readonly server: VaultServer;
  /** Options of everything in the cluster. */
  readonly cluster: pulumi.CustomResourceOptions;
  readonly delivered: DeliveredParts;
  /** Login method whose tokens are made for Vault. */
  readonly demoAuth: KubernetesAuth;
  /** Identity that receives the secret of the store, and the terms of its role. */
  readonly demoAccount: k8s.core.v1.ServiceAccount;
  readonly demoRole: Pick<KubernetesRoleArgs, "audience" | "lifetime">;
  readonly secret: KvSecret;
}

/** The secret and the logins of the database, for applications that do not know Vault; null without an operator. */
export function deliverSecrets(args: DeliveredSecretsArgs): SecretDelivery<"vault-kv-app"> | null {
  const { config, server, cluster, delivered, demoAuth, demoAccount, demoRole, secret } = args;
  const { both } = delivered;
  const connection = connectOperator(
    config,
    {
      auth: demoAuth,
      server,
      consumerNamespace: demoAccount.metadata.namespace,
      createNamespace: (name, namespace) => createNamespace(name, namespace, cluster),
    },
    both,
  );
  if (connection === null) return null;
  const serviceAccount = createIdentity(
    "demo-dynamic-app",
    createNamespace("database-app-namespace", config.databaseAppNamespace, cluster),
    cluster,
  );
  const source = delivered.engine.role("dev-postgres");
  deliverDatabaseLogins({
    serviceAccount,
    connection,
    auth: demoAuth,
    source,
    lifetime: lifetimes[config.profile].leaseToken,
    image: config.webAppImage,
    both,
    cluster,
  });
  return new SecretDelivery(
    "static-auth",
    {
      ...demoRole,
      serviceAccount: demoAccount,
      connection,
      auth: demoAuth,
      roleName: "role1",
      secrets: {
        "vault-kv-app": {
          kind: "static",
          source: secret,
          destination: { kind: "create", name: "secretkv", transformation: deliveredSecret.transformation },
          refreshAfter: config.refreshAfter,
        },
      },
    },
    both,
  );
}
