import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { RekeyInputs } from "../../../protocol/rekey/rekey-properties.ts";

/** What the keys of a Vault are to be, and what it takes to replace them. */
export type VaultRekeyArgs = ArgsOf<RekeyInputs>;

/**
 * The keys of a Vault as the settings describe them: their number, the threshold and who holds them. Changing these
 * replaces the keys by a rekey, which takes the new ones into use only after they were presented to Vault. The old ones
 * are kept next to them, for copies of Vault's storage that were made before; Vault itself refuses them from then on.
 *
 * create and update → nothing when the keys are the ones described, else a rekey; read → the keys Secret; delete →
 * nothing.
 * @example new VaultRekey("vault-rekey", { target, clusterId: unseal.clusterId, ...keys, ...login }, { parent: this });
 */
export class VaultRekey extends ProtocolResource {
  /** Identifies the keys in use without revealing any. */
  declare public readonly keysInUse: pulumi.Output<string>;

  public constructor(name: string, args: VaultRekeyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "vault:Rekey",
        inputs: args,
        outputs: ["keysInUse"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey", "roleId", "secretId"],
      },
      opts,
    );
  }
}
