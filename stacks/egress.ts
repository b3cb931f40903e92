import type * as pulumi from "@pulumi/pulumi";
import { jwtIssuerPorts } from "../components/access/logins/jwt-issuer.ts";
import { directoryPorts } from "../components/access/logins/ldap-config.ts";
import type { NetworkPeer } from "../components/cluster/network-peer.ts";
import { sealPeers } from "../components/vault/seal/seal-peers.ts";
import { allowEgress } from "../components/vault/server/vault-egress.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import type { StackConfig } from "./config.ts";

/**
 * Lets the servers reach what the settings name outside the stack: whatever keeps the root key, the directory of
 * people, the issuer of tokens, and any other peers set.
 * @returns What must exist before Vault can connect to them.
 */
export function allowEgressOfSettings(
  { seal: { sealing }, logins, network }: Pick<StackConfig, "seal" | "logins" | "network">,
  server: VaultServer,
  cluster: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { seal, previousSeal } = sealing;
  const ports = (numbers: readonly number[]) => numbers.map((port): NetworkPeer => ({ kind: "host", port }));
  const outside = {
    seal: [...sealPeers(seal), ...(previousSeal === null ? [] : sealPeers(previousSeal))],
    directory: logins.ldap === null ? [] : ports(directoryPorts(logins.ldap.directory)),
    issuer: logins.jwt === null ? [] : ports(jwtIssuerPorts(logins.jwt.issuer)),
    others: network.kind === "none" ? [] : network.egress,
  };
  return Object.entries(outside).flatMap(
    ([name, peers]) => allowEgress(name, { server, peers: withoutRepeated(peers) }, cluster) ?? [],
  );
}

function withoutRepeated(peers: readonly NetworkPeer[]): NetworkPeer[] {
  return [...new Map(peers.map((peer) => [JSON.stringify(peer), peer])).values()];
}
