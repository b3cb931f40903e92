import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../shared/labels.ts";
import { outputsConfigMap } from "../protocol/certificate/published-authorities.ts";
import type { PendingOutputs } from "./outputs.ts";

/** The certificate may be renewed without a run: if published, its new expiry would be a change in the next preview. */
const unpublished = "vaultCertificateExpires" satisfies keyof PendingOutputs;

/**
 * Publishes the outputs of a stack inside the cluster, for teams without Pulumi: the ConfigMap `vaultstack-outputs` in
 * Vault's namespace, with a text for each except the expiry of the certificate. The cluster decides who may read it; it
 * contains no secrets.
 * @param namespace Namespace of Vault.
 * @param compares Whether this run compares what lives inside Vault.
 */
export function publishOutputs(
  outputs: PendingOutputs,
  namespace: pulumi.Input<string>,
  compares: boolean,
  opts: pulumi.CustomResourceOptions,
): PendingOutputs {
  const name = outputsConfigMap;
  const labels = standardLabels({ name, instance: name, component: "outputs" });
  const data = Object.fromEntries(
    Object.entries(outputs)
      .filter(([key]) => key !== unpublished)
      .map(([key, value]) => [key, pulumi.output(value as pulumi.Input<Published>).apply(asText)]),
  );
  // A changed ConfigMap is replaced, and unknown values would show as a replacement.
  const asItIs = compares ? {} : { ignoreChanges: ["data"] };
  new k8s.core.v1.ConfigMap(name, { metadata: { name, namespace, labels }, data }, { ...opts, ...asItIs });
  return outputs;
}

type Published = string | number | string[] | Record<string, string>;

function asText(value: Published): string {
  if (Array.isArray(value)) return value.map((line) => `${line}\n`).join("");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
