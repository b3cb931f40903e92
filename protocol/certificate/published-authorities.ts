import type { KubeApi } from "../../kube/kube-client.ts";

/** ConfigMap in Vault's namespace with the outputs of the stack, one text each. */
export const outputsConfigMap = "vaultstack-outputs";

/**
 * The authorities that the last run published for clients, for an account that may not read the Secret with the
 * certificate, which holds its key too.
 * @param kube API of the cluster.
 * @param namespace Namespace of Vault.
 * @returns PEM bundle; null when there is none.
 */
export async function publishedAuthorities(kube: KubeApi, namespace: string): Promise<string | null> {
  const outputs = await kube.readConfigMap(namespace, outputsConfigMap);
  const bundle = outputs?.data?.["vaultCaCertificate"] ?? "";
  return bundle === "" ? null : bundle;
}
