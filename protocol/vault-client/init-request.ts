import type { SealType } from "../keys/seal-type.ts";

/** How Vault is to split and encrypt its keys. */
export interface InitRequest {
  readonly secretShares: number;
  readonly secretThreshold: number;
  readonly shareRecipients: readonly string[];
  readonly rootTokenRecipient: string;
  /** With any other than `shamir` the shares are recovery shares. */
  readonly seal: SealType;
}

/** The body of `sys/init`. Vault refuses the parameters of the other kind of seal. */
export function initBody({ seal, secretShares, secretThreshold, shareRecipients, rootTokenRecipient }: InitRequest) {
  const root = { root_token_pgp_key: rootTokenRecipient };
  return seal === "shamir"
    ? { ...root, secret_shares: secretShares, secret_threshold: secretThreshold, pgp_keys: shareRecipients }
    : {
        ...root,
        recovery_shares: secretShares,
        recovery_threshold: secretThreshold,
        recovery_pgp_keys: shareRecipients,
      };
}
