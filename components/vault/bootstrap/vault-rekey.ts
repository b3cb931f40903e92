import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import { PROTOCOL_VERSION, type RekeyInputs, type RekeyOutputs, type VaultTarget } from "../../../protocol/types.ts";

/** What the keys of a Vault are to be, and what it takes to replace them. */
export interface VaultRekeyArgs {
  /** The pods of the Vault. */
  readonly target: pulumi.Input<VaultTarget>;
  /** Name of the Secret that keeps the encrypted shares. */
  readonly keysSecret: string;
  /** From `VaultUnseal`: the keys of another cluster are not touched. */
  readonly clusterId: pulumi.Input<string>;
  /** Number of shares the root key is split into. */
  readonly secretShares: number;
  /** Number of shares that unseal. */
  readonly secretThreshold: number;
  /** One base64 PGP public key per share. */
  readonly shareRecipients: readonly string[];
  /** Raised to have a new set of keys made for the same holders. */
  readonly keysGeneration: number;
  /** Armored PGP private key that opens the stack's shares; secret. */
  readonly escrowPrivateKey: pulumi.Output<string>;
  /** The one before it, while the shares in use are still encrypted to that; secret. */
  readonly escrowPreviousPrivateKey?: pulumi.Output<string>;
  /** Where Pulumi's own AppRole is mounted, without `auth/`. */
  readonly authPath: pulumi.Input<string>;
  /** First half of Pulumi's login; secret. */
  readonly roleId: pulumi.Input<string>;
  /** Second half; secret. */
  readonly secretId: pulumi.Input<string>;
}

/**
 * The keys of a Vault as the settings describe them: their number, the threshold and who holds them. An edit of these
 * replaces the keys by a rekey that takes the new ones into use only after they were shown to Vault. The old ones are
 * kept beside them, for copies of Vault's storage that were made before; Vault itself refuses them from then on.
 *
 * create and update → nothing when the keys are the ones described, else a rekey; read → the keys Secret; delete → nothing.
 * @example new VaultRekey("vault-rekey", { target, clusterId: unseal.clusterId, ...keys, ...login }, { parent: this });
 */
export class VaultRekey extends ProtocolResource<RekeyInputs, RekeyOutputs> {
  /** Identifies the keys in use without revealing any. */
  declare public readonly keysInUse: pulumi.Output<string>;

  public constructor(name: string, args: VaultRekeyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "vault:Rekey",
        inputs: { ...args, protocolVersion: PROTOCOL_VERSION.rekey },
        outputs: ["keysInUse"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey", "roleId", "secretId"],
      },
      opts,
    );
  }
}
