import { fault } from "../../../shared/errors.ts";
import { isAddress, isDnsName } from "../../../shared/host.ts";
import { selectorLabels, standardLabels } from "../../../shared/labels.ts";
import type { Size } from "../../../shared/units.ts";
import { autopilotFaults, type RaftAutopilot } from "./autopilot.ts";

/** One Vault on its own volume: a restart is an outage, and a lost volume is a lost Vault. */
export interface StandaloneTopology {
  readonly kind: "standalone";
  /** Size of the volume under `/vault/data`. */
  readonly storageSize: Size;
}

/**
 * Vault's development server: keeps everything in memory, is unsealed from the start, loses all data at every restart.
 */
export interface InMemoryTopology {
  readonly kind: "in-memory";
}

/** How many servers a cluster may have: an odd number, of which the smaller half may be lost. */
export type RaftNodes = 3 | 5 | 7;

/** A cluster of servers with integrated storage, over TLS: it serves as long as a majority of its servers does. */
export interface RaftTopology {
  readonly kind: "raft";
  /** Number of servers. */
  readonly nodes: RaftNodes;
  /** Size of the volume under `/vault/data` of each server. */
  readonly storageSize: Size;
  /**
   * Whether two servers may share a machine: `required` leaves such a server pending, `preferred` lets it run.
   * @default "required"
   */
  readonly spread?: "required" | "preferred";
  /**
   * Factor for all timeouts among the servers, 1 to 10. With a small one, a lost leader is noticed sooner and less
   * delay is tolerated.
   * @default 5, as Vault's own
   */
  readonly performanceMultiplier?: number;
  /**
   * How the cluster judges its own servers.
   * @default - Vault's own values, and dead surplus servers are removed after 24h
   */
  readonly autopilot?: RaftAutopilot;
  /**
   * Names and addresses, besides those of the Services, by which clients reach this Vault; the certificate carries
   * them.
   * @default - none
   */
  readonly hosts?: readonly string[];
}

/**
 * How many Vault servers there are and where they keep their data. All names and counts of a server derive from it.
 */
export type Topology = StandaloneTopology | InMemoryTopology | RaftTopology;

/** Where a Vault runs; its names derive from this. */
export interface Placement {
  /** Name of the StatefulSet and prefix of the other objects. */
  readonly name: string;
  /** Namespace of all of it. */
  readonly namespace: string;
}

/**
 * Everything that follows from a topology and a place. It is derived only here, so that nothing can contradict it.
 */
export interface TopologyFacts {
  /** Number of pods. */
  readonly replicas: number;
  /** Names of the pods, ordinal 0 first. */
  readonly pods: readonly string[];
  /** Name of the Service that distributes requests to the pods that may answer them. */
  readonly service: string;
  /** Name of the headless Service that gives each pod its own DNS name, sealed or not. */
  readonly headlessService: string;
  /** DNS names of the pods, in the order of `pods`. */
  readonly podHosts: readonly string[];
  /** DNS name of the Service; with TLS, the name that the certificate is verified against. */
  readonly serviceHost: string;
  /** Name of the Service that leads only to the leader; where there is just one server, the Service of the pods. */
  readonly activeService: string;
  /** DNS name of that Service. */
  readonly activeHost: string;
  /** Name of the Service that leads to the other servers; null if there are none. */
  readonly standbyService: string | null;
  /** Names and addresses that the certificate must carry, most general first; empty when Vault speaks plain HTTP. */
  readonly certificateNames: CertificateNames;
  /** Those of them that servers, clients or this program verify. A certificate from elsewhere must carry them. */
  readonly verifiedHosts: readonly string[];
  /** Whether a network policy restricts what the pods may reach. */
  readonly egressLimited: boolean;
  /** What Vault's listener speaks. */
  readonly scheme: "http" | "https";
  /** Whether the server must be initialised and unsealed before it serves. */
  readonly sealable: boolean;
  /** Volume for the data; null when there is none. */
  readonly storageSize: Size | null;
  /** Labels that pick the pods. */
  readonly selector: Record<string, string>;
  /** Labels of every object of this Vault. */
  readonly labels: Record<string, string>;
  /** Query of the readiness probe: which states of `sys/health` besides "active" may receive requests. */
  readonly readinessQuery: string;
  /** How a changed pod template reaches the pods. */
  readonly updateStrategy: "RollingUpdate" | "OnDelete";
  /** Whether two pods may share a machine; null for a single one. */
  readonly spread: "required" | "preferred" | null;
}

/** What a certificate is valid for. */
export interface CertificateNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** Port of Vault's API. */
export const apiPort = 8200;

/** Port that Vault servers use among themselves. */
export const clusterPort = 8201;

/**
 * Derives all names, counts and labels of a Vault.
 * @param topology How many servers, with which storage.
 */
export function topologyFacts(topology: Topology, { name, namespace }: Placement): TopologyFacts {
  const labelArgs = { name: "vault", instance: name, component: "server" };
  const headlessService = `${name}-internal`;
  const facts = kindFacts(topology);
  const isRaft = topology.kind === "raft";
  const activeService = isRaft ? `${name}-active` : name;
  const standbyService = isRaft ? `${name}-standby` : null;
  const pods = Array.from({ length: facts.replicas }, (_, ordinal) => `${name}-${ordinal}`);
  const podHosts = pods.map((pod) => `${pod}.${headlessService}.${namespace}.svc`);
  const serviceHosts = [name, activeService, `${name}-standby`].map((service) => `${service}.${namespace}.svc`);
  return {
    ...facts,
    pods,
    service: name,
    headlessService,
    podHosts,
    serviceHost: `${name}.${namespace}.svc`,
    activeService,
    activeHost: `${activeService}.${namespace}.svc`,
    standbyService,
    egressLimited: isRaft,
    certificateNames: isRaft
      ? certificateNames({ services: [name, activeService, `${name}-standby`], headlessService, namespace }, topology)
      : { dnsNames: [], ipAddresses: [] },
    verifiedHosts: isRaft ? [...serviceHosts, ...podHosts, ...(topology.hosts ?? [])] : [],
    selector: selectorLabels(labelArgs),
    labels: standardLabels(labelArgs),
  };
}

/** Every fault of a topology that its type cannot rule out. */
export function topologyFaults(topology: Topology): string[] {
  if (topology.kind !== "raft") return [];
  const { nodes, performanceMultiplier: multiplier = 5, hosts = [], autopilot = {} } = topology;
  const faults = hosts.flatMap((host) => hostFaults("topology.hosts", host));
  if (![3, 5, 7].includes(nodes)) {
    faults.push(fault("topology.nodes", "must be 3, 5 or 7", nodes, "use a standalone topology for one server"));
  }
  if (!Number.isInteger(multiplier) || multiplier < 1 || multiplier > 10) {
    const path = "topology.performanceMultiplier";
    faults.push(fault(path, "must be a whole number from 1 to 10", multiplier, "leave it out for Vault's own, 5"));
  }
  return [...faults, ...autopilotFaults(autopilot).map((text) => `topology.autopilot.${text}`)];
}

/**
 * The fault of a host outside the cluster, if it has one. The host is used in the certificate, in the proxies' objects
 * and in outputs, and each compares it in its own way; so there is only one accepted spelling.
 */
export function hostFaults(at: string, host: string): string[] {
  if (isAddress(host) || (isDnsName(host) && host.includes(".") && host === host.toLowerCase())) return [];
  const lower = host.toLowerCase();
  const remedy = isDnsName(host) && lower !== host ? `write it as ${lower}` : "write it as vault.example.com";
  return [fault(at, "must be a host name with a domain, in lower case, or an address", host, remedy)];
}

/** The names of the pods are covered by a wildcard, so that a different number of servers needs no new certificate. */
function certificateNames(
  { services, headlessService, namespace }: { services: string[]; headlessService: string; namespace: string },
  { hosts = [] }: RaftTopology,
): CertificateNames {
  const inCluster = (host: string): string[] => [`${host}.${namespace}.svc`, `${host}.${namespace}.svc.cluster.local`];
  return {
    dnsNames: [
      ...new Set([
        ...services.flatMap((service) => [service, `${service}.${namespace}`, ...inCluster(service)]),
        ...inCluster(`*.${headlessService}`),
        ...hosts.filter((host) => !isAddress(host)),
        "localhost",
      ]),
    ],
    ipAddresses: [...new Set(["127.0.0.1", "::1", ...hosts.filter(isAddress)])],
  };
}

type KindFacts = Pick<
  TopologyFacts,
  "replicas" | "sealable" | "scheme" | "storageSize" | "readinessQuery" | "updateStrategy" | "spread"
>;

const single = {
  replicas: 1,
  scheme: "http",
  readinessQuery: "",
  updateStrategy: "RollingUpdate",
  spread: null,
} as const;

function kindFacts(topology: Topology): KindFacts {
  switch (topology.kind) {
    case "standalone":
      return {
        ...single,
        sealable: true,
        storageSize: topology.storageSize,
      };
    case "in-memory":
      return { ...single, sealable: false, storageSize: null };
    case "raft":
      return {
        replicas: topology.nodes,
        sealable: true,
        scheme: "https",
        storageSize: topology.storageSize,
        // A standby forwards requests to the leader.
        readinessQuery: "?standbyok=true&perfstandbyok=true",
        // Each pod comes back sealed: whoever replaces one must unseal it before the next.
        updateStrategy: "OnDelete",
        spread: topology.spread ?? "required",
      };
  }
}
