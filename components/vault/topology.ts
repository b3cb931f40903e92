import { selectorLabels, standardLabels } from "../shared/labels.ts";
import type { Size } from "../shared/units.ts";

/** One Vault on its own volume: restarts are outages, and a lost volume is a lost Vault. */
export interface StandaloneTopology {
  readonly kind: "standalone";
  /** Size of the volume under `/vault/data`. */
  readonly storageSize: Size;
}

/** Vault's development server: keeps everything in memory, is open from the start, forgets all at every restart. */
export interface DevTopology {
  readonly kind: "dev";
}

/** How many Vault servers there are and where they keep their data. Everything countable about a server derives from it. */
export type Topology = StandaloneTopology | DevTopology;

/** Where a Vault lives, which is what its names derive from. */
export interface Placement {
  /** Name of the StatefulSet and prefix of everything beside it. */
  readonly name: string;
  /** Namespace of all of it. */
  readonly namespace: string;
}

/** Everything that follows from a topology and a place; a second source for any of it would be a contradiction in waiting. */
export interface TopologyFacts {
  /** Number of pods. */
  readonly replicas: number;
  /** Names of the pods, ordinal 0 first. */
  readonly pods: readonly string[];
  /** Name of the Service that spreads requests over the pods that may answer them. */
  readonly service: string;
  /** Name of the headless Service that gives each pod its own DNS name, sealed or not. */
  readonly headlessService: string;
  /** DNS names of the pods, in the order of `pods`. */
  readonly podHosts: readonly string[];
  /** DNS name of the Service. */
  readonly serviceHost: string;
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
}

/** Port of Vault's API. */
export const apiPort = 8200;

/** Port that Vault servers use among themselves. */
export const clusterPort = 8201;

/**
 * Derives all names, counts and labels of a Vault.
 * @param topology How many servers, with which storage.
 * @param placement Where they run.
 * @returns The derived facts.
 */
export function topologyFacts(topology: Topology, { name, namespace }: Placement): TopologyFacts {
  const labelArgs = { name: "vault", instance: name, component: "server" };
  const headlessService = `${name}-internal`;
  const facts = kindFacts(topology);
  const pods = Array.from({ length: facts.replicas }, (_, ordinal) => `${name}-${ordinal}`);
  return {
    ...facts,
    pods,
    service: name,
    headlessService,
    podHosts: pods.map((pod) => `${pod}.${headlessService}.${namespace}.svc`),
    serviceHost: `${name}.${namespace}.svc`,
    selector: selectorLabels(labelArgs),
    labels: standardLabels(labelArgs),
  };
}

type KindFacts = Pick<TopologyFacts, "replicas" | "sealable" | "storageSize" | "readinessQuery" | "updateStrategy">;

function kindFacts(topology: Topology): KindFacts {
  switch (topology.kind) {
    case "standalone":
      return {
        replicas: 1,
        sealable: true,
        storageSize: topology.storageSize,
        readinessQuery: "",
        updateStrategy: "RollingUpdate",
      };
    case "dev":
      return { replicas: 1, sealable: false, storageSize: null, readinessQuery: "", updateStrategy: "RollingUpdate" };
  }
}
