import { inClusterContext, isInCluster } from "./in-cluster.ts";
import { readKubeconfig } from "./kubeconfig-file.ts";

/**
 * The cluster that the environment points to: the current context of the kubeconfig (`KUBECONFIG`, else
 * `~/.kube/config`), or, where none is named and the program runs in a pod, the cluster of that pod, as with `kubectl`.
 *
 * Asked once, so that one run speaks of one cluster throughout even when someone switches the context meanwhile.
 * @param env Environment to read. @default process.env
 * @param serviceAccount Folder of the pod's account. @default that of Kubernetes
 * @returns Name of the context, or {@link inClusterContext}; null for none.
 * @throws {Error} Naming a file that is there and cannot be read.
 */
export function currentContext(env: NodeJS.ProcessEnv = process.env, serviceAccount?: string): string | null {
  const { currentContext: named } = readKubeconfig(env);
  if (named !== null) return named;
  return isInCluster(env, serviceAccount) ? inClusterContext : null;
}
