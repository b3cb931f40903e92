import type * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { InitInputs, InitOutputs } from "../../../protocol/types.ts";

/** What initialisation needs to know. */
export type VaultInitArgs = ArgsOf<InitInputs>;

/**
 * Vault's initialisation: done once, adopted when it was done before, refused when the keys at hand are not those of
 * the data at hand. Shares and root token are encrypted by Vault itself; plaintext never leaves it.
 *
 * check → the rules for shares; create → `sys/init` and the keys Secret; read → the keys Secret; delete → keeps the keys.
 * @example new VaultInit("vault-init", { target, keysSecret: "vault-keys", ...shares }, { parent: this });
 */
export class VaultInit extends ProtocolResource<InitInputs, InitOutputs> {
  /** Identifies the keys Vault was initialised with, without revealing any; resolves once they are safe. */
  declare public readonly keysFingerprint: pulumi.Output<string>;
  /** When Vault was initialised, ISO 8601. */
  declare public readonly initializedAt: pulumi.Output<string>;

  public constructor(name: string, args: VaultInitArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "vault:Init",
        inputs: args,
        outputs: ["keysFingerprint", "initializedAt"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey"],
      },
      opts,
    );
  }
}
