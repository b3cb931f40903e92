import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import type { SealType } from "../keys/seal-type.ts";
import type { KeySetInputs } from "../keys/key-set.ts";
import type { EscrowInputs } from "../keys/escrow.ts";

/** Inputs of `vault:Init`. */
export interface InitInputs extends SerializedProvider, KeySetInputs, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /**
   * Name of the Secret, in Vault's namespace, that keeps the encrypted shares and, until it has been used, the root
   * token.
   */
  readonly keysSecret: string;
  /** Base64 PGP public key the root token is encrypted to. */
  readonly rootTokenRecipient: string;
  /** Fixed at initialisation. With any other than `shamir` the shares are recovery shares. */
  readonly seal: SealType;
  /** Consent to move the root key from this seal to `seal`; null for none. */
  readonly previousSeal: SealType | null;
  /** Consent to lose what a Vault nobody can open holds. */
  readonly allowReinitialize: boolean;
  /** Consent to take over keys that nothing proves to be this stack's. */
  readonly adoptExisting: boolean;
  /** Raised when the protocol changes so that existing stacks run it again. */
  readonly protocolVersion: number;
}

/** Outputs of `vault:Init`. */
export interface InitOutputs extends InitInputs {
  /** Identifies the keys Vault was initialised with, without revealing any; stays when a rekey replaces them. */
  readonly keysFingerprint: string;
  /** When Vault was initialised, ISO 8601. */
  readonly initializedAt: string;
  /** Encrypted keys that could not be written to the cluster; the next update stores them. Absent when all is well. */
  readonly unsavedKeys?: string;
}
