import type * as pulumi from "@pulumi/pulumi";
import { jwtIssuerPorts } from "../components/access/logins/jwt-issuer.ts";
import { directoryPorts } from "../components/access/logins/ldap-config.ts";
import type { NetworkPeer } from "../components/cluster/network-peer.ts";
import { sealPeers } from "../components/vault/seal/seal-peers.ts";
import { allowEgress } from "../components/vault/server/vault-egress.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import type { StackConfig } from "./config.ts";

/**
 * Lets the servers reach what the settings name outside of the stack: whoever keeps the root key, the directory of the people,
 * the issuer of tokens, and whom they name beside these.
 * @param config The stack's settings.
 * @param server The servers.
 * @param cluster Options with the cluster's provider.
 * @returns What must be there before Vault can ask them.
 */
export function allowEgressOfSettings(
  config: StackConfig,
  server: VaultServer,
  cluster: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { seal, previousSeal } = config.sealing;
  const ports = (numbers: readonly number[]) => numbers.map((port): NetworkPeer => ({ kind: "host", port }));
  const outside = {
    seal: [...sealPeers(seal), ...(previousSeal === null ? [] : sealPeers(previousSeal))],
    directory: config.ldap === null ? [] : ports(directoryPorts(config.ldap.directory)),
    issuer: config.jwt === null ? [] : ports(jwtIssuerPorts(config.jwt.issuer)),
    others: config.network.kind === "none" ? [] : config.network.egress,
  };
  return Object.entries(outside).flatMap(
    ([name, peers]) => allowEgress(name, { server, peers: withoutRepeated(peers) }, cluster) ?? [],
  );
}

function withoutRepeated(peers: readonly NetworkPeer[]): NetworkPeer[] {
  return [...new Map(peers.map((peer) => [JSON.stringify(peer), peer])).values()];
}
