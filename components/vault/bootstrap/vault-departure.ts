import * as pulumi from "@pulumi/pulumi";
import type { KeyCustody } from "./key-custody.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import { type DepartureInputs, type DepartureOutputs, type VaultTarget } from "../../../protocol/types.ts";
import { keysSecretName } from "./vault-bootstrap.ts";

/** What the leaving of servers needs to know. */
export interface VaultDepartureArgs {
  /** The pods that stay; resolves once what they are verified with is known. */
  readonly target: pulumi.Input<VaultTarget>;
  /** Who can decrypt the keys: a root token of seconds is made from them. */
  readonly custody: Pick<KeyCustody, "escrowPrivateKey" | "escrowPreviousPrivateKey">;
}

/**
 * Takes servers out of a cluster before their pods go, so that a smaller cluster bears the losses it has servers for. The
 * server depends on it. Nothing happens while there are no more pods than servers.
 *
 * create and update → remove the surplus servers and their data; diff → count the pods; read → no change; delete → nothing.
 * @example
 * const departure = new VaultDeparture("vault-departure", { target, custody }, { deletedWith: namespace });
 */
export class VaultDeparture extends ProtocolResource<DepartureInputs, DepartureOutputs> {
  /** Names of the servers that stay. */
  declare public readonly remaining: pulumi.Output<string[]>;

  public constructor(name: string, { target, custody }: VaultDepartureArgs, opts?: pulumi.CustomResourceOptions) {
    const { escrowPrivateKey, escrowPreviousPrivateKey } = custody;
    super(
      name,
      {
        type: "vault:Departure",
        inputs: {
          target,
          keysSecret: keysSecretName,
          escrowPrivateKey,
          ...(escrowPreviousPrivateKey !== undefined && { escrowPreviousPrivateKey }),
        },
        outputs: ["remaining"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey"],
      },
      opts,
    );
  }
}
