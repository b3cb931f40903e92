import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { egressRule, type NetworkPeer } from "../../cluster/network-peer.ts";
import type { VaultServer } from "./vault-server.ts";

/** Whom the servers may reach beside what they always may. */
export interface VaultEgressArgs {
  readonly server: VaultServer;
  /** The peers; none makes no policy. */
  readonly peers: readonly NetworkPeer[];
}

/**
 * Lets the servers of a cluster reach more peers, such as a database. What connects to them depends on the result.
 * @param name Name in the program, and of the policy after the server's.
 * @param opts Options of what is in the cluster.
 * @returns The policy; null where no policy says whom the servers may reach, as for a single one.
 */
export function allowEgress(
  name: string,
  { server, peers }: VaultEgressArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy | null {
  const { facts, namespace } = server;
  // A policy beside none would forbid all that it does not name.
  if (!server.egressLimited || peers.length === 0) return null;
  return new k8s.networking.v1.NetworkPolicy(
    `${facts.service}-to-${name}`,
    {
      metadata: { name: `${facts.service}-to-${name}`, namespace, labels: facts.labels },
      spec: {
        podSelector: { matchLabels: facts.selector },
        policyTypes: ["Egress"],
        egress: peers.map(egressRule),
      },
    },
    opts,
  );
}
