import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth, KubernetesRoleArgs } from "../components/access/logins/kubernetes-auth.ts";
import type { TokenLifetime } from "../components/access/logins/token-lifetime.ts";
import { createIdentity, createNamespace } from "../components/cluster/identity.ts";
import type { CredentialSource } from "../components/delivery/custom-resources/dynamic-secret.ts";
import type { VaultConnection } from "../components/delivery/custom-resources/vault-connection.ts";
import { SecretDelivery } from "../components/delivery/secret-delivery.ts";
import type { KvEngine, KvSecret } from "../components/engines/kv/kv.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import type { Duration } from "../shared/units.ts";
import { deliverDatabaseLogins } from "./database-logins.ts";
import { deliveredSecret } from "./delivered-secret.ts";

/** What is delivered, and to whom. */
export interface DeliveryArgs {
  readonly server: VaultServer;
  readonly kv: KvEngine;
  /** The engine whose logins the applications of a database get. */
  readonly engine: { readonly role: (name: "dev-postgres") => CredentialSource };
  /** Connects to the operator; returns null in a stack without one. */
  readonly connectOperator: (namespace: pulumi.Input<string>) => VaultConnection | null;
  /** Lifetimes of Vault tokens for secrets without leases, and with them. */
  readonly lifetimes: { readonly workloadToken: TokenLifetime; readonly leaseToken: TokenLifetime };
  /** How often the operator reads a secret of the store. */
  readonly refreshAfter: Duration;
  /** Image of the applications. */
  readonly image: string;
  /** Namespace of the applications that log in to the database. */
  readonly databaseAppNamespace: string;
  /** Options of everything in the cluster. */
  readonly cluster: pulumi.CustomResourceOptions;
  /** Options with both providers; the rest is about what lives inside Vault. */
  readonly clusterAndVault: pulumi.ComponentResourceOptions;
  /** Login method for tokens issued for Vault. */
  readonly auth: KubernetesAuth;
  /** Identity that receives the secret of the store, and the terms of its role. */
  readonly account: k8s.core.v1.ServiceAccount;
  readonly role: Pick<KubernetesRoleArgs, "audience" | "lifetime">;
  readonly secret: KvSecret;
}

/** The secret and the logins of the database, for applications that do not know Vault; null without an operator. */
export function deliverSecrets(args: DeliveryArgs): SecretDelivery<"vault-kv-app"> | null {
  const { cluster, clusterAndVault, auth, account, image } = args;
  const connection = args.connectOperator(account.metadata.namespace);
  if (connection === null) return null;
  const namespace = createNamespace("database-app-namespace", args.databaseAppNamespace, cluster);
  deliverDatabaseLogins({
    serviceAccount: createIdentity("demo-dynamic-app", namespace, cluster),
    connection,
    auth,
    source: args.engine.role("dev-postgres"),
    lifetime: args.lifetimes.leaseToken,
    image,
    clusterAndVault,
    cluster,
  });
  return new SecretDelivery(
    "static-auth",
    {
      ...args.role,
      serviceAccount: account,
      connection,
      auth,
      roleName: "role1",
      secrets: {
        "vault-kv-app": {
          kind: "static",
          source: args.secret,
          destination: { kind: "create", name: "secretkv", transformation: deliveredSecret.transformation },
          refreshAfter: args.refreshAfter,
        },
      },
    },
    clusterAndVault,
  );
}
