import type * as k8s from "@pulumi/kubernetes";
import { type ClusterPorts, usualPorts } from "../../cluster/cluster-ports.ts";
import { apiPort, clusterPort, type TopologyFacts } from "./topology.ts";

/** Whether a policy says whom the servers reach, and by which ports they reach their cluster. */
export type NetworkAccess =
  | {
      /** One does. It means nothing on a cluster whose network plugin does not enforce policies. */
      readonly kind: "enforced";
      readonly ports: ClusterPorts;
    }
  | {
      /** None does: somebody else's policies do, or nobody's. */
      readonly kind: "none";
    };

/**
 * Renders who may reach the servers, and whom they may reach: clients the API, servers each other on both ports, and beyond
 * that DNS and the API server only, where tokens are reviewed and pods are labelled. An engine that connects to something
 * else, such as a database, needs a policy of its own beside this one.
 *
 * It means nothing on a cluster whose network plugin does not enforce policies.
 *
 * Neither DNS nor the API server is named by an address: that of a Service is gone when most network plugins judge, since the
 * connection is led to an endpoint first, and endpoints move. So it is ports, of the Service and of what is behind it.
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
      // Every login is Vault's own business; a gateway, workloads and people come from anywhere.
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
