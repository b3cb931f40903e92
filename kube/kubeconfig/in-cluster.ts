import { existsSync } from "node:fs";
import { urlHost } from "../../shared/host.ts";
import type { ClusterEntry, UserEntry } from "./kubeconfig-file.ts";

/**
 * Stands, in place of the name of a context, for the cluster that this program runs in as a pod. It contains a space,
 * which no setting and hardly any context does.
 */
export const inClusterContext = "this cluster";

/** Where Kubernetes puts the token of a pod's account, and renews it. */
const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Whether this program runs in a pod whose account has a token, by the rule of `kubectl`.
 * @param env Environment of the program.
 * @param folder Folder of the account.
 * @returns True when the cluster can be reached this way.
 */
export function isInCluster(env: NodeJS.ProcessEnv, folder = serviceAccountFolder): boolean {
  return serverOf(env) !== null && existsSync(`${folder}/token`);
}

/**
 * The cluster that this program runs in, and the account of its pod.
 * @param env Environment of the program.
 * @param folder Folder of the account.
 * @returns Both as a kubeconfig would describe them; null where there are none.
 */
export function inCluster(
  env: NodeJS.ProcessEnv,
  folder = serviceAccountFolder,
): { readonly cluster: ClusterEntry; readonly user: UserEntry } | null {
  const server = serverOf(env);
  if (server === null || !isInCluster(env, folder)) return null;
  // By its path: the token is renewed within the hour.
  return { cluster: { server, "certificate-authority": `${folder}/ca.crt` }, user: { tokenFile: `${folder}/token` } };
}

function serverOf(env: NodeJS.ProcessEnv): string | null {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = env;
  if (host === "" || port === "") return null;
  return `https://${urlHost(host)}:${port}`;
}
