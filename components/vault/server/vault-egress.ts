import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { egressRule, type NetworkPeer } from "../../cluster/network-peer.ts";
import type { VaultServer } from "./vault-server.ts";

/** What the servers may reach besides what they always may. */
export interface VaultEgressArgs {
  readonly server: VaultServer;
  /** The peers; without any, no policy is created. */
  readonly peers: readonly NetworkPeer[];
}

/**
 * Lets the servers of a cluster reach more peers, such as a database. Whatever connects to them must depend on the
 * result.
 * @param name Last part of the policy's name, in the program and in the cluster.
 * @param opts Options of what is in the cluster.
 * @returns The policy; null where no policy restricts what the servers may reach, as for a single server.
 */
export function allowEgress(
  name: string,
  { server, peers }: VaultEgressArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy | null {
  const { facts, namespace } = server;
  // If it were the only policy, it would forbid everything that it does not name.
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
