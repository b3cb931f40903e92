import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../components/shared/labels.ts";
import { outputsConfigMap } from "../components/vault/published-authorities.ts";
import type { PendingOutputs } from "./outputs.ts";

/**
 * Publishes the outputs of a stack inside the cluster, for teams without Pulumi: the ConfigMap `vaultstack-outputs` in Vault's
 * namespace, a text for each. Who may read it is the cluster's business; there is no secret in it.
 * @param outputs The outputs.
 * @param namespace Namespace of Vault.
 * @param opts Options of everything in the cluster.
 * @returns The same outputs.
 */
export function publishOutputs(
  outputs: PendingOutputs,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): PendingOutputs {
  const name = outputsConfigMap;
  const labels = standardLabels({ name, instance: name, component: "outputs" });
  const data = Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [
      key,
      pulumi.output(value as pulumi.Input<string | number | string[]>).apply(asText),
    ]),
  );
  new k8s.core.v1.ConfigMap(name, { metadata: { name, namespace, labels }, data }, opts);
  return outputs;
}

function asText(value: string | number | string[]): string {
  if (Array.isArray(value)) return value.map((line) => `${line}\n`).join("");
  return String(value);
}
