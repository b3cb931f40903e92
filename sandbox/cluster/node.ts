import path from "node:path";
import { stringify } from "yaml";
import { stateDirectory } from "../paths.ts";
import { interfaceName, nodeAddress, nodeName, ports } from "./addresses.ts";
import { containerdFiles, containerdSocket } from "./containerd.ts";
import { credential } from "./credentials.ts";
import { accepts, answers, nodeReady } from "./health.ts";
import type { Part, PartContext } from "./parts.ts";

/** Where the kubelet keeps pods; their mounts are in here. */
export const kubeletDirectory = path.join(stateDirectory, "kubelet");

const configurationDirectory = path.join(stateDirectory, "configuration");

/**
 * The parts that run pods and carry their traffic.
 * @returns containerd, the kubelet and kube-proxy.
 */
export function node(context: PartContext): Part[] {
  return [containerd(context), kubelet(context), kubeProxy(context)];
}

function containerd(context: PartContext): Part {
  const configuration = path.join(configurationDirectory, "containerd.toml");
  return {
    name: "containerd",
    command: [context.containerd, "--config", configuration, "--log-level", "warn"],
    files: containerdFiles(configuration, context),
    needs: [],
    endpoint: `unix://${containerdSocket}`,
    ready: accepts(containerdSocket),
  };
}

function kubelet({ binaries, nameServers }: PartContext): Part {
  const configuration = path.join(configurationDirectory, "kubelet.yaml");
  const resolver = path.join(configurationDirectory, "resolv.conf");
  return {
    name: "kubelet",
    command: [
      binaries.kubernetes,
      "kubelet",
      `--config=${configuration}`,
      `--kubeconfig=${credential("kubelet.kubeconfig")}`,
      `--root-dir=${kubeletDirectory}`,
      `--cert-dir=${path.join(kubeletDirectory, "pki")}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${nodeAddress}`,
    ],
    files: {
      [configuration]: renderKubelet(resolver),
      // Only name servers: the machine's search domains would be tried first for every name a pod asks for.
      [resolver]: nameServers.map((address) => `nameserver ${address}\n`).join(""),
    },
    needs: ["containerd", "kube-apiserver"],
    endpoint: `https://${nodeAddress}:${ports.kubelet}`,
    ready: async (since) =>
      (await answers(`http://${nodeAddress}:${ports.kubeletHealth}/healthz`)()) ?? (await nodeReady(since)),
  };
}

function renderKubelet(resolver: string): string {
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: nodeAddress,
    port: ports.kubelet,
    healthzBindAddress: nodeAddress,
    healthzPort: ports.kubeletHealth,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: credential("authority.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: credential("server.crt"),
    tlsPrivateKeyFile: credential("server.key"),
    clusterDNS: [nodeAddress],
    clusterDomain: "cluster.local",
    resolvConf: resolver,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: "cgroupfs",
    // Machines without systemd often still mount cgroup v1.
    failCgroupV1: false,
    failSwapOn: false,
    // Lower values need CAP_SYS_RESOURCE, which root does not have everywhere.
    oomScoreAdj: 0,
    podLogsDir: path.join(stateDirectory, "pod-logs"),
    volumePluginDir: path.join(kubeletDirectory, "volume-plugins"),
    // The images were made here and cannot be pulled again, so they must never be collected.
    imageGCHighThresholdPercent: 100,
    // The machine's disk is not the sandbox's: a full home folder elsewhere on it is no reason to evict Vault.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    // The defaults look every 20 s to 1 min; on one quiet node a change is seen sooner for no noticeable cost.
    syncFrequency: "10s",
    nodeStatusUpdateFrequency: "1s",
  });
}

function kubeProxy({ binaries, ranges }: PartContext): Part {
  const configuration = path.join(configurationDirectory, "kube-proxy.yaml");
  const health = `${nodeAddress}:${ports.proxyHealth}`;
  return {
    name: "kube-proxy",
    command: [binaries.kubernetes, "kube-proxy", `--config=${configuration}`],
    files: {
      [configuration]: stringify({
        apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
        kind: "KubeProxyConfiguration",
        mode: "iptables",
        clientConnection: { kubeconfig: credential("kube-proxy.kubeconfig") },
        hostnameOverride: nodeName,
        bindAddress: nodeAddress,
        clusterCIDR: ranges.pods,
        healthzBindAddress: health,
        metricsBindAddress: `${nodeAddress}:${ports.proxyMetrics}`,
        // Node ports answer on this machine only; by default they would be open to its whole network.
        nodePortAddresses: [`${nodeAddress}/32`, "127.0.0.0/8"],
        oomScoreAdj: 0,
        // A tenth of the default: what is applied answers as soon as `kubectl` has returned.
        iptables: { minSyncPeriod: "100ms", syncPeriod: "30s" },
        // Zero leaves the machine's connection tracking as it is.
        conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
      }),
    },
    needs: ["kube-apiserver"],
    endpoint: `node ports on ${nodeAddress} (${interfaceName}) and 127.0.0.1`,
    ready: answers(`http://${health}/healthz`),
  };
}
