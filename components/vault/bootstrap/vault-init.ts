import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import {
  PROTOCOL_VERSION,
  type InitInputs,
  type InitOutputs,
  type SealType,
  type VaultTarget,
} from "../../../protocol/types.ts";

/** What initialisation needs to know. */
export interface VaultInitArgs {
  /** The pods of the Vault; resolves once they are asked for. */
  readonly target: pulumi.Input<VaultTarget>;
  /** Name of the Secret that keeps the encrypted shares, beside Vault. */
  readonly keysSecret: string;
  /** Number of shares the root key is split into; a later change is the business of `VaultRekey`. */
  readonly secretShares: number;
  /** Number of shares that unseal. */
  readonly secretThreshold: number;
  /** One base64 PGP public key per share. */
  readonly shareRecipients: readonly string[];
  /** Generation of these keys; 1 for the first. */
  readonly keysGeneration: number;
  /** Base64 PGP public key that the root token is encrypted to. */
  readonly rootTokenRecipient: string;
  /** What keeps the root key; with another than `shamir` the shares are recovery shares. */
  readonly seal: SealType;
  /** Consent to move the root key from this seal; null for none. */
  readonly previousSeal: SealType | null;
  /** Consent to lose what a Vault nobody can open holds. */
  readonly allowReinitialize: boolean;
  /** Consent to take over keys that nothing proves to be this stack's. */
  readonly adoptExisting: boolean;
  /** Armored PGP private key that proves what this stack wrote; secret. */
  readonly escrowPrivateKey: pulumi.Input<string>;
  /** The one before it, while it still proves or opens anything; secret. */
  readonly escrowPreviousPrivateKey?: pulumi.Input<string>;
}

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
        inputs: { ...args, protocolVersion: PROTOCOL_VERSION.init },
        outputs: ["keysFingerprint", "initializedAt"],
      },
      // The engine marks an output secret only where an input of the same name is.
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["escrowPrivateKey", "escrowPreviousPrivateKey"] }),
    );
  }
}
