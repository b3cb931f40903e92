import type * as k8s from "@pulumi/kubernetes";

/** Something that pods connect to, as a network policy can name it. */
export type NetworkPeer =
  | {
      /** Pods of this cluster. */
      readonly kind: "pods";
      /** Their namespace. */
      readonly namespace: string;
      /** Labels that pick them. */
      readonly selector: Readonly<Record<string, string>>;
      /** Port that they listen on, over TCP. */
      readonly port: number;
    }
  | {
      /**
       * Whatever is behind a name or an address. A policy cannot use names, and an address may be that of a Service.
       */
      readonly kind: "host";
      /** Port, over TCP. */
      readonly port: number;
    }
  | {
      /** Anything with an address in a network. */
      readonly kind: "network";
      /** The network, such as `10.1.0.0/16`. */
      readonly cidr: string;
      /** Ports, over TCP. */
      readonly ports: readonly number[];
    };

/**
 * Renders the permission to connect to a peer: to certain pods or addresses, or, where only a host is known, to a port
 * at any address.
 */
export function egressRule(peer: NetworkPeer): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
  const ports = (peer.kind === "network" ? peer.ports : [peer.port]).map((port) => ({ port, protocol: "TCP" }));
  if (peer.kind === "host") return { ports };
  if (peer.kind === "network") return { to: [{ ipBlock: { cidr: peer.cidr } }], ports };
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } };
  return { to: [{ namespaceSelector, podSelector: { matchLabels: { ...peer.selector } } }], ports };
}
