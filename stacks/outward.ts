import type * as pulumi from "@pulumi/pulumi";
import { jwtIssuerPorts } from "../components/access/jwt-issuer.ts";
import { directoryPorts } from "../components/access/ldap-config.ts";
import type { Seal } from "../components/vault/seal.ts";
import { allowEgress } from "../components/vault/vault-egress.ts";
import type { VaultServer } from "../components/vault/vault-server.ts";
import type { StackConfig } from "./config.ts";

/**
 * Lets the servers reach what the settings name outside of the stack: the Vault that keeps the root key, the directory of the
 * people, and the issuer of tokens. The services of clouds are reached by the port of API servers, which is open to all.
 * @param config The stack's settings.
 * @param server The servers.
 * @param cluster Options with the cluster's provider.
 * @returns What must be there before Vault can ask them.
 */
export function allowOutward(
  config: StackConfig,
  server: VaultServer,
  cluster: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { seal, previousSeal } = config.sealing;
  const keepers = new Set([...sealPorts(seal), ...(previousSeal === null ? [] : sealPorts(previousSeal))]);
  const directories = config.ldap === null ? new Set<number>() : new Set(directoryPorts(config.ldap.directory));
  const issuers = new Set(config.jwt === null ? [] : jwtIssuerPorts(config.jwt.issuer));
  const outside = { seal: keepers, directory: directories, issuer: issuers };
  return Object.entries(outside).flatMap(
    ([name, ports]) =>
      allowEgress(name, { server, peers: Array.from(ports, (port) => ({ kind: "host", port })) }, cluster) ?? [],
  );
}

function sealPorts(seal: Seal): number[] {
  if (seal.kind !== "transit") return [];
  const { port, protocol } = new URL(seal.address);
  return [port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)];
}
