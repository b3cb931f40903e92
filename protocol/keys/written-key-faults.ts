import { type Claim, readKeys, type WrittenKey } from "./openpgp-packets.ts";

/** Types of signatures (RFC 9580, 5.2.1). */
const certifications = [0x10, 0x11, 0x12, 0x13, 0x1f];
const binding = 0x18;
const revocation = 0x20;
const subkeyRevocation = 0x28;

/** Algorithms that encrypt (RFC 9580, 9.1): RSA, ElGamal, ECDH, X25519, X448. */
const encrypting = [1, 2, 16, 18, 25, 26];

/** The flag for encrypting communications, without which Vault encrypts nothing to a key. */
const encryptionFlag = 0x04;

/** A public key as somebody exported it. */
export interface JudgedKey {
  /** Of the key and of its subkeys: two exports that have one of them in common belong to the same person. */
  readonly fingerprints: readonly string[];
  /** Why it cannot receive a share, worded to follow `must`; null when it can. */
  readonly fault: string | null;
}

/**
 * Judges a key by what is written in it.
 * @param publicKey Base64 of the binary form.
 * @param now Milliseconds since the epoch.
 * @returns Whose it is, and what is wrong with it.
 */
export function judgeKey(publicKey: string, now: number): JudgedKey {
  const keys = readKeys(Buffer.from(publicKey, "base64"));
  const [person = [], ...others] = keys?.people ?? [];
  const fingerprints = person.map(({ fingerprint }) => fingerprint);
  if (keys?.isPrivate === true) return { fingerprints, fault: "be a public key, and the private one is known now" };
  if (others.length > 0) return { fingerprints, fault: "be the key of one person, and not of several" };
  return { fingerprints, fault: personFault(person, now) };
}

function personFault([primary, ...subkeys]: readonly WrittenKey[], now: number): string | null {
  if (primary === undefined) return "be a PGP public key";
  // gpg reads no other version, so its owner could not read the share.
  if (primary.version !== 4) return `be a key of version 4, which this one of version ${primary.version} is not`;
  const id = primary.fingerprint.slice(-16);
  const own = (key: WrittenKey, types: readonly number[]): Claim[] =>
    key.claims
      .filter(({ type, issuer }) => types.includes(type) && (issuer === null || issuer === id))
      // The newest counts, as it does for gpg and for Vault.
      .sort((a, b) => b.created - a.created);
  const isOver = (key: WrittenKey, types: readonly number[]): boolean => {
    const expires = own(key, types)[0]?.expires ?? null;
    return expires !== null && (key.created + expires) * 1000 <= now;
  };
  const receives = (key: WrittenKey, types: readonly number[]): boolean =>
    encrypting.includes(key.algorithm) && ((own(key, types)[0]?.flags ?? 0) & encryptionFlag) !== 0;

  if (own(primary, [revocation]).length > 0) return "not be revoked";
  if (isOver(primary, certifications)) return "not be expired";
  const receiving = subkeys.filter((key) => receives(key, [binding]));
  if (receives(primary, certifications)) return null;
  if (receiving.length === 0) return "be able to encrypt, by a subkey for example";
  const isUsable = (key: WrittenKey): boolean => own(key, [subkeyRevocation]).length === 0 && !isOver(key, [binding]);
  return receiving.some(isUsable) ? null : "have a subkey that encrypts and is neither revoked nor expired";
}
