import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../shared/labels.ts";
import { type SealConfig, sealSecretName } from "./settings/seal.ts";

/**
 * Puts the credentials of a seal where Vault's pods look for them.
 * @param namespace Vault's namespace.
 * @returns The Secret; none when the seal needs no credentials.
 */
export function createSealSecret(
  { credentials }: SealConfig,
  namespace: k8s.core.v1.Namespace,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret[] {
  if (credentials === null) return [];
  const labels = standardLabels({ name: "vault", instance: "vault", component: "seal" });
  const metadata = { name: sealSecretName, namespace: namespace.metadata.name, labels };
  return [new k8s.core.v1.Secret(sealSecretName, { metadata, stringData: credentials }, opts)];
}
