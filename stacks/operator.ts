import type * as pulumi from "@pulumi/pulumi";
import { createNamespace } from "../components/cluster/identity.ts";
import type { KubernetesAuth } from "../components/access/logins/kubernetes-auth.ts";
import { existingOperator } from "../components/delivery/custom-resources/custom-resource.ts";
import { SecretsOperator } from "../components/delivery/secrets-operator.ts";
import { VaultConnection } from "../components/delivery/custom-resources/vault-connection.ts";
import { TransitEngine } from "../components/engines/transit/transit.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import type { StackConfig } from "./config.ts";

/** What the operator of a stack needs from the stack. */
export interface OperatorParts {
  /** Login method of workloads. */
  readonly auth: KubernetesAuth;
  /** The Vault that it delivers from. */
  readonly server: VaultServer;
  /** Options of everything in the cluster. */
  readonly cluster: pulumi.CustomResourceOptions;
}

/**
 * Connects to the operator from a namespace whose workloads consume secrets, where the connection for somebody else's
 * operator must be. Returns null in a stack without an operator.
 */
export type ConnectOperator = (namespace: pulumi.Input<string>) => VaultConnection | null;

/**
 * The secrets operator of a stack: one that the stack installs, or an existing one.
 * @param parts What it needs from the stack.
 * @param opts Options with both providers; the rest is about what lives inside Vault.
 */
export function operatorOfStack(
  config: Pick<StackConfig, "operator" | "kubeContext" | "adopt">,
  { auth, server, cluster }: OperatorParts,
  opts: pulumi.ComponentResourceOptions,
): ConnectOperator {
  const { operator, kubeContext, adopt } = config;
  // Standbys would forward each request to the leader.
  const { activeAddress: vaultAddress, caCertificate } = server;
  const verification = caCertificate !== null && { tls: { caCertificate, serverName: server.facts.activeHost } };
  switch (operator.kind) {
    case "none":
      return () => null;
    case "existing": {
      const connection = { operator: existingOperator(kubeContext), vaultAddress, ...verification };
      // Deleted individually, like all custom resources.
      const own = withoutDeletedWith(opts);
      return (namespace) => new VaultConnection("vault", { ...connection, namespace }, own);
    }
    case "install": {
      const namespace = createNamespace("secrets-operator-namespace", operator.namespace, cluster);
      const transit = new TransitEngine("demo-transit", { keys: { "vso-client-cache": {} }, adopt }, opts);
      const clientCache = { key: transit.key("vso-client-cache"), auth };
      const { chart } = operator;
      const { connection } = new SecretsOperator(
        "vault-secrets-operator",
        { kubeContext, namespace, chart, vaultAddress, ...verification, clientCache },
        opts,
      );
      return () => connection;
    }
  }
}

function withoutDeletedWith(opts: pulumi.ComponentResourceOptions): pulumi.ComponentResourceOptions {
  const own = { ...opts };
  delete own.deletedWith;
  return own;
}
