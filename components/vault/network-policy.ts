import type * as k8s from "@pulumi/kubernetes";
import { apiPort, clusterPort, type TopologyFacts } from "./topology.ts";

/** Port of DNS. */
const dnsPort = 53;

/** Ports on which API servers listen, behind their Service or not. */
const apiServerPorts = [443, 6443] as const;

/**
 * Renders who may reach the servers, and whom they may reach: clients the API, servers each other on both ports, and beyond
 * that DNS and the API server only, where tokens are reviewed and pods are labelled. An engine that connects to something
 * else, such as a database, needs a policy of its own beside this one.
 *
 * It means nothing on a cluster whose network plugin does not enforce policies.
 * @param facts What derives from the topology.
 * @returns The spec.
 */
export function networkPolicySpec(facts: TopologyFacts): k8s.types.input.networking.v1.NetworkPolicySpec {
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
      { ports: [...ports(dnsPort), { port: dnsPort, protocol: "UDP" }] },
      { ports: ports(...apiServerPorts) },
    ],
  };
}
