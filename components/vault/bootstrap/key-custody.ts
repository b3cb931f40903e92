import type * as pulumi from "@pulumi/pulumi";
import { holderFaults } from "./holder-faults.ts";

/**
 * Whose PGP keys the shares of Vault's root key are encrypted to:
 *
 * - `pulumi`: all to the stack's escrow key, so that `up` unseals by itself;
 * - `pgp`: one to each of these people, the rest to the escrow key, which can decrypt fewer than it takes to unseal.
 */
export type ShareHolders =
  | { readonly kind: "pulumi" }
  | {
      readonly kind: "pgp";
      /** Public keys of people, base64 of the binary OpenPGP form, as `gpg --export <id> | base64 -w0` prints it. */
      readonly holders: readonly string[];
    };

/**
 * Who can decrypt the shares of Vault's root key. They leave Vault encrypted and are stored encrypted; only the holder
 * of the private key can read them. A change of numbers, holders or generation is carried out by a rekey.
 */
export interface KeyCustody {
  /** Number of shares the root key is split into. */
  readonly secretShares: number;
  /** Number of shares it takes to unseal. */
  readonly secretThreshold: number;
  /** Who receives them. */
  readonly holders: ShareHolders;
  /** Raise it to replace all shares with new ones for the same holders. */
  readonly keysGeneration: number;
  /** Public half of the stack's escrow key, base64 of the binary OpenPGP form. */
  readonly escrowPublicKey: string;
  /** Private half, armored; secret. */
  readonly escrowPrivateKey: pulumi.Output<string>;
  /** Private half of the escrow key before this one, while shares are still encrypted to it; secret. */
  readonly escrowPreviousPrivateKey: pulumi.Output<string> | undefined;
  /** A root token that holders generated for this stack, encrypted to its escrow key: restores a lost login. */
  readonly encodedRootToken: pulumi.Output<string> | undefined;
  /** Consent, for this run, to empty a Vault whose keys were lost and to start over. */
  readonly allowReinitialize: boolean;
  /** Consent, for this run, to take over keys that cannot be proven to be this stack's. */
  readonly adoptExisting: boolean;
}

/** One public key per share: those of people first, then the escrow key for the remaining shares. */
export function shareRecipients({ secretShares, holders, escrowPublicKey }: KeyCustody): string[] {
  const people = holders.kind === "pgp" ? holders.holders : [];
  return Array.from({ length: secretShares }, (_, index) => people[index] ?? escrowPublicKey);
}

/** Every fault of a custody that its type cannot rule out. */
export function custodyFaults({ holders, ...shares }: KeyCustody): string[] {
  return holders.kind === "pgp" ? holderFaults("custody.holders.holders", { ...shares, holders: holders.holders }) : [];
}
