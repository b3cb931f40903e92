import type { NetworkPeer } from "../../cluster/network-peer.ts";
import type { Seal } from "./seal.ts";

/** Where HTTPS is, which a policy of the servers leaves open to all: the services of clouds are there. */
const httpsPort = 443;

/**
 * GKE's metadata server, which hands out the logins of workload identity. Pods ask at the first address; without Dataplane V2 the
 * connection is led to the node's own server before a policy sees it, which listens on 988 at the second one, and did at 8080.
 */
const gkeMetadata: readonly NetworkPeer[] = ["169.254.169.254/32", "169.254.169.252/32"].map((cidr) => ({
  kind: "network",
  cidr,
  ports: [80, 988, 8080],
}));

/** The agent of EKS Pod Identity. With a role by the account's own token (IRSA) nobody is asked but STS, by HTTPS. */
const eksPodIdentity: readonly NetworkPeer[] = ["169.254.170.23/32", "fd00:ec2::23/128"].map((cidr) => ({
  kind: "network",
  cidr,
  ports: [80],
}));

/**
 * Whom the servers must reach for a seal to open, beside what they always may.
 *
 * The metadata of machines (IMDS) is not among them: it would hand out what the whole machine may do. Azure's workload identity
 * asks its login service, by HTTPS.
 * @returns The peers; none when HTTPS will do.
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
