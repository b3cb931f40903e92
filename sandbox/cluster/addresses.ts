/** The name of the sandbox's one node. Nothing has to resolve it: the API server reaches the kubelet by address. */
export const nodeName = "vaultstack-sandbox";

/** The interface that carries the node's address; made by `up`, removed by `down`. */
export const interfaceName = "vaultstack0";

/**
 * The node's address. Everything listens on it alone, so nothing of the sandbox is reachable from another machine and
 * only a program that listens on every address can be in the way of a port.
 */
export const nodeAddress = "10.200.0.1";

/** Ports on the node's address. */
export const ports = {
  dns: 53,
  etcd: 2379,
  etcdPeers: 2380,
  etcdHealth: 2381,
  apiServer: 6443,
  dnsReady: 8181,
  volumes: 8182,
  proxyMetrics: 10249,
  kubelet: 10250,
  kubeletHealth: 10248,
  proxyHealth: 10256,
  controllerManager: 10257,
  scheduler: 10259,
} as const;

/** Port on the node's address that leads to the gateway, where there is one. Nothing listens: packets are rewritten. */
export const gatewayPort = 443;

/** Node port of the gateway, which would be a random one otherwise. */
export const gatewayNodePort = 30443;

/** Where the API server answers. */
export const apiServerUrl = `https://${nodeAddress}:${ports.apiServer}`;

/** The two private ranges of one cluster, in CIDR notation. */
export interface ClusterRanges {
  readonly pods: string;
  readonly services: string;
}

const candidates: readonly ClusterRanges[] = [
  { pods: "10.200.16.0/20", services: "10.200.32.0/20" },
  { pods: "172.29.16.0/20", services: "172.29.32.0/20" },
  { pods: "192.168.208.0/20", services: "192.168.224.0/20" },
  // Set aside for benchmarks (RFC 2544): what is left where a VPN has taken every private network.
  { pods: "198.18.16.0/20", services: "198.18.32.0/20" },
];

/**
 * Chooses ranges for pods and services to which the machine has no route of its own.
 * @param routes Destinations of the machine's routes in CIDR notation or as single addresses, without the default
 * route.
 * @returns The first candidate that overlaps none of them, or undefined when each one does.
 */
export function chooseRanges(routes: readonly string[]): ClusterRanges | undefined {
  return candidates.find(
    ({ pods, services }) => !routes.some((route) => overlap(route, pods) || overlap(route, services)),
  );
}

/**
 * The first address of a range: of services, that of `kubernetes`, as the API server decides; of pods, that of the
 * machine's end of every pod's link, as the CNI plugin decides.
 */
export function firstAddress(range: string): string {
  const next = parse(range).start + 1;
  return [24, 16, 8, 0].map((shift) => (next >>> shift) & 255).join(".");
}

function overlap(left: string, right: string): boolean {
  const [a, b] = [parse(left), parse(right)];
  return a.start <= b.end && b.start <= a.end;
}

function parse(range: string): { start: number; end: number } {
  const [address = "", length = "32"] = range.split("/");
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const start = Math.floor(value / size) * size;
  return { start, end: start + size - 1 };
}
