import * as pulumi from "@pulumi/pulumi";
import { fault } from "../../../shared/errors.ts";
import type { GatewayReference } from "./passthrough-objects.ts";
import { parseAddress, type Entrance } from "../../../protocol/certificate/served-certificate.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";

/** How `up` makes sure that TLS really reaches Vault unaltered. */
export type PassthroughProof =
  | {
      /** Asks at the address that the Gateway reports; without a Gateway, at port 443 of the host. */
      readonly kind: "reported";
      /** The pods of the Vault, whose certificates are the right ones. */
      readonly target: pulumi.Input<VaultTarget>;
    }
  | {
      /** Asks at the address where this machine reaches the proxy. */
      readonly kind: "address";
      readonly target: pulumi.Input<VaultTarget>;
      /** `<host or address>:<port>` */
      readonly address: string;
    }
  | {
      /** No check: a proxy that terminates TLS and reads every secret goes unnoticed. */
      readonly kind: "none";
    };

/** The fault of a proof's arguments, if they have one. */
export function proofFaults(proof: PassthroughProof): string[] {
  if (proof.kind !== "address" || parseAddress(proof.address) !== null) return [];
  return [fault("proof.address", "must be a host and a port", proof.address, "write it as vault.example.com:443")];
}

/**
 * Where the proof connects.
 * @param host Server name of the passthrough.
 * @param gateway The Gateway the route belongs to; null without one.
 * @returns The entrance, with names that may be known later.
 */
export function proofEntrance(
  proof: Exclude<PassthroughProof, { kind: "none" }>,
  host: string,
  gateway: GatewayReference | null,
): pulumi.Output<Entrance> {
  if (proof.kind === "address") return pulumi.output({ kind: "address" as const, address: proof.address });
  if (gateway === null) return pulumi.output({ kind: "address" as const, address: `${host}:443` });
  const { namespace, name, listener = null } = gateway;
  return pulumi.output({ kind: "gateway" as const, namespace, name, listener });
}
