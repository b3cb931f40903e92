import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth } from "../components/access/logins/kubernetes-auth.ts";
import { existingOperator } from "../components/delivery/custom-resources/custom-resource.ts";
import { SecretsOperator } from "../components/delivery/secrets-operator.ts";
import { VaultConnection } from "../components/delivery/custom-resources/vault-connection.ts";
import { TransitEngine } from "../components/engines/transit/transit.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import type { StackConfig } from "./config.ts";

/** What the operator of a stack needs of it. */
export interface DeliveryParts {
  /** Login method whose tokens are made for Vault. */
  readonly auth: KubernetesAuth;
  /** The Vault that it delivers from. */
  readonly server: VaultServer;
  /** Namespace of what consumes secrets: the connection to an operator of somebody else is there. */
  readonly consumerNamespace: pulumi.Input<string>;
  /** Makes a namespace of the stack. */
  readonly createNamespace: (name: string, namespace: string) => k8s.core.v1.Namespace;
}

/**
 * The way of the stack's workloads to a secrets operator: one that the stack installs, or one that is there.
 * @param config The stack's settings.
 * @param parts What it needs of the stack.
 * @param opts Options with both providers; the rest is about what lives inside Vault.
 * @returns The connection; null in a stack without an operator.
 */
export function connectOperator(
  config: Pick<StackConfig, "secretsOperator" | "kubeContext" | "adoptExisting">,
  parts: DeliveryParts,
  opts: pulumi.ComponentResourceOptions,
): VaultConnection | null {
  const { secretsOperator, kubeContext, adoptExisting: adopt } = config;
  const { auth, server } = parts;
  // Standbys would hand each request on to the leader.
  const { activeAddress: vaultAddress, caCertificate } = server;
  const verification = caCertificate !== null && { tls: { caCertificate, serverName: server.facts.activeHost } };
  switch (secretsOperator.kind) {
    case "none":
      return null;
    case "existing": {
      const operator = existingOperator(kubeContext);
      const connection = { operator, namespace: parts.consumerNamespace, vaultAddress, ...verification };
      // Deleted for itself, like all custom resources.
      return new VaultConnection("vault", connection, withoutDeletedWith(opts));
    }
    case "install": {
      const namespace = parts.createNamespace("secrets-operator-namespace", secretsOperator.namespace);
      const transit = new TransitEngine("demo-transit", { keys: { "vso-client-cache": {} }, adopt }, opts);
      const clientCache = { key: transit.key("vso-client-cache"), auth };
      const { chart } = secretsOperator;
      return new SecretsOperator(
        "vault-secrets-operator",
        { kubeContext, namespace, chart, vaultAddress, ...verification, clientCache },
        opts,
      ).connection;
    }
  }
}

function withoutDeletedWith(opts: pulumi.ComponentResourceOptions): pulumi.ComponentResourceOptions {
  const own = { ...opts };
  delete own.deletedWith;
  return own;
}
