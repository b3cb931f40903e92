import type * as k8s from "@pulumi/kubernetes";
import { apiPort, clusterPort, type TopologyFacts } from "./topology.ts";

/** Renders the Service that gives each pod its own DNS name. */
export function headlessServiceSpec(facts: TopologyFacts): k8s.types.input.core.v1.ServiceSpec {
  return {
    clusterIP: "None",
    // Servers find each other before they are unsealed.
    publishNotReadyAddresses: true,
    selector: facts.selector,
    ports: [
      { name: facts.scheme, port: apiPort, targetPort: facts.scheme },
      { name: "internal", port: clusterPort, targetPort: "internal" },
    ],
  };
}

/**
 * Renders the Service for clients, which routes to the pods that serve.
 * @param nodePort Node port that leads to it; undefined for none.
 */
export function clientServiceSpec(
  facts: TopologyFacts,
  nodePort: number | undefined,
): k8s.types.input.core.v1.ServiceSpec {
  const port = { name: facts.scheme, port: apiPort, targetPort: facts.scheme };
  if (nodePort === undefined) return { type: "ClusterIP", selector: facts.selector, ports: [port] };
  return { type: "NodePort", selector: facts.selector, ports: [{ ...port, nodePort }] };
}

/**
 * Renders the Service for one role of the servers, by the label each server keeps on its own pod.
 * @param role Only the leader, or all the others.
 */
export function roleServiceSpec(facts: TopologyFacts, role: "active" | "standby"): k8s.types.input.core.v1.ServiceSpec {
  return {
    type: "ClusterIP",
    selector: { ...facts.selector, "vault-active": String(role === "active") },
    ports: [{ name: facts.scheme, port: apiPort, targetPort: facts.scheme }],
  };
}
