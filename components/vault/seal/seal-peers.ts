import type { NetworkPeer } from "../../cluster/network-peer.ts";
import type { Seal } from "./seal.ts";

/** The port of HTTPS, which the servers' policy opens to all addresses, since cloud services are there. */
const httpsPort = 443;

/**
 * GKE's metadata server, which issues the credentials of workload identity. Pods connect to the first address; without
 * Dataplane V2 the connection is redirected, before a policy sees it, to the node's own server, which listens on 988 at
 * the second address, and formerly on 8080.
 */
const gkeMetadata: readonly NetworkPeer[] = ["169.254.169.254/32", "169.254.169.252/32"].map((cidr) => ({
  kind: "network",
  cidr,
  ports: [80, 988, 8080],
}));

/** The agent of EKS Pod Identity. With the service account's own token (IRSA), only STS is asked, over HTTPS. */
const eksPodIdentity: readonly NetworkPeer[] = ["169.254.170.23/32", "fd00:ec2::23/128"].map((cidr) => ({
  kind: "network",
  cidr,
  ports: [80],
}));

/**
 * What the servers must reach to unseal, besides what they may always reach.
 *
 * The machine metadata service (IMDS) is not among them: it would hand out everything the machine is allowed to do.
 * Azure's workload identity asks its login service, over HTTPS.
 * @returns The peers; none when HTTPS is enough.
 */
export function sealPeers(seal: Seal): readonly NetworkPeer[] {
  switch (seal.kind) {
    case "shamir":
    case "azurekeyvault":
      return [];
    case "transit":
      return addressPeers(seal.address);
    case "awskms":
      return [
        ...(seal.endpoint === undefined ? [] : addressPeers(seal.endpoint).filter(({ port }) => port !== httpsPort)),
        ...(seal.credentials.kind === "workloadIdentity" ? eksPodIdentity : []),
      ];
    case "gcpckms":
      return seal.credentials.kind === "workloadIdentity" ? gkeMetadata : [];
  }
}

function addressPeers(address: string): Extract<NetworkPeer, { kind: "host" }>[] {
  const { port, protocol } = new URL(address);
  return [{ kind: "host", port: port === "" ? (protocol === "https:" ? httpsPort : 80) : Number(port) }];
}
