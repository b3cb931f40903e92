import { PluginError } from "../shared/errors.ts";
import { UnreachableError } from "./api/api-error.ts";
import { openCluster, type Cluster } from "./cluster.ts";
import type { Settings } from "./settings.ts";

/** What operations on objects need: the settings of the provider resource and the cluster they describe. */
export class Session {
  readonly settings: Settings;
  readonly #opened: Cluster | PluginError;

  /** A kubeconfig that cannot be used is not an error until the cluster is needed: previews do without. */
  constructor(settings: Settings, environment: NodeJS.ProcessEnv) {
    this.settings = settings;
    this.#opened = opened(settings, environment);
  }

  /** @throws UnreachableError when the kubeconfig describes none */
  get cluster(): Cluster {
    if (this.#opened instanceof PluginError) throw new UnreachableError(this.#opened.message);
    return this.#opened;
  }

  /** The cluster when it can be asked now, for what can also be done without. */
  async reachableCluster(): Promise<Cluster | undefined> {
    if (this.#opened instanceof PluginError || (await this.#opened.unreachable()) !== undefined) return undefined;
    return this.#opened;
  }

  /** Namespace of namespaced objects that name none. */
  get namespace(): string {
    return this.#opened instanceof PluginError ? (this.settings.namespace ?? "default") : this.#opened.namespace;
  }

  /** Closes connections. */
  close(): void {
    if (!(this.#opened instanceof PluginError)) this.#opened.close();
  }
}

function opened(settings: Settings, environment: NodeJS.ProcessEnv): Cluster | PluginError {
  try {
    return openCluster(settings, environment);
  } catch (error) {
    if (error instanceof PluginError) return error;
    throw error;
  }
}
