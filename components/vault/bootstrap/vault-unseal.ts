import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import { PROTOCOL_VERSION, type UnsealInputs, type UnsealOutputs, type VaultTarget } from "../../../protocol/types.ts";

/** What unsealing needs to know. */
export interface VaultUnsealArgs {
  /** The pods of the Vault. */
  readonly target: pulumi.Input<VaultTarget>;
  /** Name of the Secret that keeps the encrypted shares. */
  readonly keysSecret: string;
  /** From `VaultInit`: the keys in the Secret must be these, or come from these by a rekey. */
  readonly keysFingerprint: pulumi.Input<string>;
  /** Armored PGP private key; secret. */
  readonly escrowPrivateKey: pulumi.Output<string>;
  /** The one before it, while shares are still encrypted to that; secret. */
  readonly escrowPreviousPrivateKey?: pulumi.Output<string>;
  /** Changes with the pod template, so that a rollout is followed by an unseal. */
  readonly podTemplateHash: pulumi.Input<string>;
}

/**
 * Every node of a Vault unsealed and serving. A node found sealed shows as an update in a preview, and `up` heals it.
 *
 * create and update → unseal what is sealed; diff and read → ask each node, change nothing; delete → nothing.
 * @example new VaultUnseal("vault-unseal", { target, keysFingerprint: init.keysFingerprint, ...keys }, { parent: this });
 */
export class VaultUnseal extends ProtocolResource<UnsealInputs, UnsealOutputs> {
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
        inputs: { ...args, protocolVersion: PROTOCOL_VERSION.unseal },
        outputs: ["serving", "clusterId", "sealedNodes"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey"],
      },
      opts,
    );
  }
}
