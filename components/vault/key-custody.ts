import type * as pulumi from "@pulumi/pulumi";

/**
 * Who can decrypt the shares of Vault's root key. They leave Vault encrypted and are stored encrypted; only the holder
 * of the private half reads them.
 */
export interface KeyCustody {
  /** Number of shares the root key is split into. Fixed at initialisation. */
  readonly secretShares: number;
  /** Number of shares that unseal. Fixed at initialisation. */
  readonly secretThreshold: number;
  /** Public half of the stack's escrow key, base64 of the binary OpenPGP form. All shares are encrypted to it. */
  readonly escrowPublicKey: string;
  /** Private half, armored; secret. */
  readonly escrowPrivateKey: pulumi.Output<string>;
  /** Consent, for this run, to empty a Vault whose keys were lost and to start over. */
  readonly allowReinitialize: boolean;
}
