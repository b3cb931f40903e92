/** Kinds of seals this project knows, in Vault's own words. With every one but `shamir` nodes unseal themselves. */
export const sealTypes = ["shamir", "transit", "awskms", "gcpckms", "azurekeyvault"] as const;

/** What keeps Vault's root key. */
export type SealType = (typeof sealTypes)[number];

/** True for one of them. */
export function isSealType(word: string): word is SealType {
  return sealTypes.some((type) => type === word);
}
