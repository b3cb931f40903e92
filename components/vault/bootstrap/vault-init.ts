import type * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { InitInputs } from "../../../protocol/init/init-properties.ts";

/** What initialisation needs to know. */
export type VaultInitArgs = ArgsOf<InitInputs>;

/**
 * Vault's initialisation: done once; adopted if it was done before; refused if the available keys do not belong to the
 * available data. Vault itself encrypts the shares and the root token; plaintext never leaves it.
 *
 * check → the rules for shares; create → `sys/init` and the keys Secret; read → the keys Secret; delete → keeps the
 * keys.
 * @example new VaultInit("vault-init", { target, keysSecret: "vault-keys", ...shares }, { parent: this });
 */
export class VaultInit extends ProtocolResource {
  /** Identifies the keys Vault was initialised with, without revealing any; resolves once they are stored safely. */
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
