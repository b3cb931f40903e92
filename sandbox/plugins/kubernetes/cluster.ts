import { errorText } from "../shared/errors.ts";
import { ApiClient } from "./api/api-client.ts";
import { connectionOf } from "./api/context.ts";
import { Discovery } from "./api/discovery.ts";
import { loadKubeconfig } from "./api/kubeconfig.ts";
import { Objects } from "./api/objects.ts";
import type { Settings } from "./settings.ts";

/** A cluster as far as it can be reached. */
export interface Cluster {
  readonly objects: Objects;
  readonly discovery: Discovery;
  /** Namespace of namespaced objects that name none. */
  readonly namespace: string;
  /** Why previews cannot ask the cluster; undefined when they can. Asked once. */
  readonly unreachable: () => Promise<string | undefined>;
  readonly close: () => void;
}

/** The cluster of the settings. Nothing is contacted yet. @throws PluginError when the kubeconfig does not describe one */
export function openCluster(settings: Settings, environment: NodeJS.ProcessEnv): Cluster {
  const connection = connectionOf(loadKubeconfig(settings.kubeconfig, environment), settings);
  const api = new ApiClient(connection);
  const discovery = new Discovery(api);
  let reachability: Promise<string | undefined> | undefined;
  return {
    objects: new Objects(api, discovery),
    discovery,
    namespace: connection.namespace,
    unreachable: () => (reachability ??= probe(api)),
    close: () => {
      api.close();
    },
  };
}

/** Shorter than an operation's own deadline: a preview should not hang on a cluster that is gone. */
const probeDeadline = 10_000;

async function probe(api: ApiClient): Promise<string | undefined> {
  try {
    await api.request({ method: "GET", path: "/version", signal: AbortSignal.timeout(probeDeadline) });
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
