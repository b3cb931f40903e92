import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { UnsealInputs } from "../../../protocol/unseal/unseal-properties.ts";

/** What unsealing needs to know. */
export type VaultUnsealArgs = ArgsOf<UnsealInputs>;

/**
 * Every node of a Vault unsealed and serving. A node found sealed shows as an update in a preview, and `up` unseals it.
 *
 * create and update → unseal what is sealed; diff and read → ask each node, change nothing; delete → nothing.
 * @example
 * new VaultUnseal("vault-unseal", { target, keysFingerprint: init.keysFingerprint, ...keys }, { parent: this });
 */
export class VaultUnseal extends ProtocolResource {
  /** True once every node is unsealed and one of them leads. */
  declare public readonly serving: pulumi.Output<boolean>;
  /** Identity of the one cluster all nodes belong to; stays for Vault's life. */
  declare public readonly clusterId: pulumi.Output<string>;
  /** Nodes that a refresh found sealed. */
  declare public readonly sealedNodes: pulumi.Output<string[]>;

  public constructor(name: string, args: VaultUnsealArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "vault:Unseal",
        inputs: args,
        outputs: ["serving", "clusterId", "sealedNodes"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey"],
      },
      opts,
    );
  }
}
