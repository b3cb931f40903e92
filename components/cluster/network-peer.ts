import type * as k8s from "@pulumi/kubernetes";

/** Somebody that pods connect to, as a network policy can name it. */
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
      /** Whoever answers to a name or an address. A policy knows no names, and an address may be that of a Service. */
      readonly kind: "host";
      /** Port, over TCP. */
      readonly port: number;
    };

/**
 * Renders the permission to connect to a peer: to certain pods, or, where only a host is known, to a port of anybody.
 * @param peer The peer.
 * @returns The rule.
 */
export function egressRule(peer: NetworkPeer): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
  const ports = [{ port: peer.port, protocol: "TCP" }];
  if (peer.kind === "host") return { ports };
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } };
  return { to: [{ namespaceSelector, podSelector: { matchLabels: { ...peer.selector } } }], ports };
}
