import type { VaultRefusal } from "../vault-client/vault-error.ts";

/** What Vault says when it has computed that the shares do not make the key that opens its root key. */
const ofRootKey =
  /message authentication failed|failed to decrypt (keys from storage|encrypted stored keys)|invalid key|incorrect key shares supplied|failed to compute (root key|key for verification)/;

/**
 * The same for a recovery key. When the seal, which keeps it, fails to decrypt it, that says nothing about the shares.
 */
const ofRecoveryKey = /recovery key does not match submitted values|failed to compute recovery key/;

/**
 * What it says, beginning with the same words, when it could not find out: its storage or its seal did not answer, or
 * its time ran out.
 */
const undecided =
  /context (deadline exceeded|canceled)|Vault is sealed|failed to (fetch|read) (stored keys|recovery key)/;

/** True when Vault found out that these shares are not the ones it asks for. Pure. */
export function saysWrongShares({ status, errors }: VaultRefusal): boolean {
  return (status === 400 || status === 500) && errors.some(isJudgement);
}

function isJudgement(text: string): boolean {
  return !undecided.test(text) && (text.includes("recovery key") ? ofRecoveryKey : ofRootKey).test(text);
}
