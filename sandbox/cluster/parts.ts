import type { ClusterRanges } from "./addresses.ts";
import type { Probe } from "./await-condition.ts";

/** The programs that make up the cluster. */
export type PartName =
  | "etcd"
  | "containerd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubelet"
  | "kube-proxy"
  | "dns"
  | "volumes";

/** One long-running program of the cluster. */
export interface Part {
  readonly name: PartName;
  /** Program and arguments; secrets are in files, never here. */
  readonly command: readonly [string, ...string[]];
  /** Configuration files by absolute path. A change of text restarts the part. */
  readonly files: Readonly<Record<string, string>>;
  /** Parts that must be ready before this one starts; it would otherwise back off and start later. */
  readonly needs: readonly PartName[];
  /** Where it answers, for people. */
  readonly endpoint: string;
  /**
   * Tells why it is not ready yet, or undefined when it is.
   * @param since When its process was started: what the API server remembers of an earlier one does not count.
   */
  readonly ready: (since: Date) => ReturnType<Probe>;
}

/** What the commands and files of the parts depend on. */
export interface PartContext {
  readonly ranges: ClusterRanges;
  /** Absolute paths of the tools that were built. */
  readonly binaries: Readonly<Record<"etcd" | "kubernetes" | "coredns" | "volumes", string>>;
  /** Absolute path of the machine's containerd. */
  readonly containerd: string;
  /** Folder of the machine's CNI plugins. */
  readonly networkPlugins: string;
  /** Name servers of the machine that pods can reach, too. */
  readonly nameServers: readonly string[];
}
