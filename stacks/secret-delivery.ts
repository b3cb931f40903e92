import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth } from "../components/access/kubernetes-auth.ts";
import { existingOperator } from "../components/delivery/custom-resource.ts";
import { SecretsOperator } from "../components/delivery/secrets-operator.ts";
import { VaultConnection } from "../components/delivery/vault-connection.ts";
import { TransitEngine } from "../components/engines/transit.ts";
import type { StackConfig } from "./config.ts";

/** What the operator of a stack needs of it. */
export interface DeliveryParts {
  /** Login method whose tokens are made for Vault. */
  readonly auth: KubernetesAuth;
  /** Address of Vault inside the cluster. */
  readonly vaultAddress: pulumi.Input<string>;
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
  const { auth, vaultAddress } = parts;
  switch (secretsOperator.kind) {
    case "none":
      return null;
    case "existing": {
      const operator = existingOperator(kubeContext);
      return new VaultConnection("vault", { operator, namespace: parts.consumerNamespace, vaultAddress }, opts);
    }
    case "install": {
      const namespace = parts.createNamespace("secrets-operator-namespace", secretsOperator.namespace);
      const transit = new TransitEngine("demo-transit", { keys: { "vso-client-cache": {} }, adopt }, opts);
      const clientCache = { key: transit.key("vso-client-cache"), auth };
      const { chart } = secretsOperator;
      return new SecretsOperator(
        "vault-secrets-operator",
        { kubeContext, namespace, chart, vaultAddress, clientCache },
        opts,
      ).connection;
    }
  }
}
