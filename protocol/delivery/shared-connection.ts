import { connectKube, type KubeApi } from "../../kube/kube-client.ts";

/** One connection for all resources of a run, which may be hundreds: the process ends with the run. */
const connections = new Map<string, Promise<KubeApi>>();

/** The API server of a context. */
export function connect(context: string): Promise<KubeApi> {
  const known = connections.get(context);
  if (known !== undefined) return known;
  const connection = connectKube(context);
  connections.set(context, connection);
  // A kubeconfig that could not be read may be readable at the next look.
  connection.catch(() => connections.delete(context));
  return connection;
}
