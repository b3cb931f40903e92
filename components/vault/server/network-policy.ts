import type * as k8s from "@pulumi/kubernetes";
import { type ClusterPorts, usualPorts } from "../../cluster/cluster-ports.ts";
import { apiPort, clusterPort, type TopologyFacts } from "./topology.ts";

/** Whether a network policy restricts what the servers reach, and the ports by which they reach their cluster. */
export type NetworkAccess =
  | {
      /** It does. It has no effect on a cluster whose network plugin does not enforce policies. */
      readonly kind: "enforced";
      readonly ports: ClusterPorts;
    }
  | {
      /** It does not: somebody else's policies do, or nobody's. */
      readonly kind: "none";
    };

/**
 * Renders who may reach the servers, and what they may reach: clients may reach the API, and servers each other on both
 * ports; beyond that, the servers may reach only DNS and the API server, for reviewing tokens and labelling pods. An
 * engine that connects to something else, such as a database, needs a policy of its own in addition.
 *
 * It has no effect on a cluster whose network plugin does not enforce policies.
 *
 * Neither DNS nor the API server is named by an address: most network plugins apply policies only after the connection
 * was redirected from the Service to an endpoint, and the addresses of endpoints change. So the policy names ports,
 * those of the Service and those behind it.
 * @param cluster Ports of DNS and of the API server.
 */
export function networkPolicySpec(
  facts: TopologyFacts,
  cluster: ClusterPorts = usualPorts,
): k8s.types.input.networking.v1.NetworkPolicySpec {
  const peers = { podSelector: { matchLabels: facts.selector } };
  const ports = (...numbers: readonly number[]) => numbers.map((port) => ({ port, protocol: "TCP" }));
  return {
    podSelector: { matchLabels: facts.selector },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      // Vault itself checks every login; gateways, workloads and people may come from anywhere.
      { ports: ports(apiPort) },
      { from: [peers], ports: ports(clusterPort) },
    ],
    egress: [
      { to: [peers], ports: ports(apiPort, clusterPort) },
      { ports: cluster.dns.flatMap((port) => [...ports(port), { port, protocol: "UDP" }]) },
      { ports: ports(...cluster.apiServer) },
    ],
  };
}
