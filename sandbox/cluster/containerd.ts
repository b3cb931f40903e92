import path from "node:path";
import { runtimeDirectory, stateDirectory } from "../paths.ts";
import type { PartContext } from "./parts.ts";

/** Where our containerd listens; the machine's own, if it runs one, is another. */
export const containerdSocket = path.join(runtimeDirectory, "containerd.sock");

/** Images and what containerd remembers of containers. */
export const containerdRoot = path.join(stateDirectory, "containerd");

/** The image of the process that holds a pod's namespaces open. */
export const pauseImage = "docker.io/vaultstack/pause:1";

/** Name of the one pod network; the CNI library's own files of it begin with this name. */
export const networkName = "vaultstack-sandbox";

/** Leases of pod addresses. In the runtime folder, since after a reboot no pod holds its address any more. */
const leaseDirectory = path.join(runtimeDirectory, "addresses");

const networkDirectory = path.join(stateDirectory, "configuration", "network");

/**
 * Renders what containerd reads.
 * @param configuration Path of its configuration file.
 * @param context The pod range and the folder of CNI plugins.
 * @returns The configuration and the pod network, by path.
 */
export function containerdFiles(
  configuration: string,
  context: Pick<PartContext, "ranges" | "networkPlugins">,
): Record<string, string> {
  return {
    [configuration]: renderContainerd(context.networkPlugins),
    [path.join(networkDirectory, "10-sandbox.conflist")]: renderNetwork(context.ranges.pods),
  };
}

function renderContainerd(networkPlugins: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${containerdRoot}"
state = "${path.join(runtimeDirectory, "containerd")}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
  address = "${containerdSocket}"

[${cri}]
  sandbox_image = "${pauseImage}"
  # Lower scores than our own need CAP_SYS_RESOURCE, which root does not have everywhere.
  restrict_oom_score_adj = true
  # Below the state folder above, so that one sweep of mounts finds them all.
  netns_mounts_under_state_dir = true

  [${cri}.cni]
    bin_dir = "${networkPlugins}"
    conf_dir = "${networkDirectory}"

  [${cri}.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [${cri}.containerd.runtimes.runc.options]
      # Its default is shared with every other containerd of the machine.
      Root = "${path.join(runtimeDirectory, "runc")}"
`;
}

function renderNetwork(pods: string): string {
  return JSON.stringify(
    {
      cniVersion: "1.0.0",
      name: networkName,
      plugins: [
        // A route per pod and no bridge, so services see the address a pod really has.
        {
          type: "ptp",
          ipMasq: true,
          ipam: {
            type: "host-local",
            dataDir: leaseDirectory,
            ranges: [[{ subnet: pods }]],
            routes: [{ dst: "0.0.0.0/0" }],
          },
        },
        { type: "portmap", capabilities: { portMappings: true } },
        // Lets pods reach each other where the machine drops forwarded packets, as it does once Docker has run.
        { type: "firewall", backend: "iptables" },
      ],
    },
    undefined,
    2,
  );
}
