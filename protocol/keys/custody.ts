import { type Key, readKey } from "openpgp";
import { judgeKey } from "./written-key-faults.ts";

/** A PGP public key somebody may receive a share with. */
export interface Recipient {
  /** As Vault takes it. */
  readonly publicKey: string;
  /** Lower-case hex, as Vault and gpg print it. */
  readonly fingerprint: string;
  /** Those of its subkeys as well: two keys that have one in common belong to the same person. */
  readonly fingerprints: readonly string[];
}

const parsed = new Map<string, Promise<Recipient>>();

/**
 * Parses one base64 PGP public key; the same key is parsed once.
 *
 * @throws an Error whose message says what the key must be; it never repeats the key.
 */
export function parseRecipient(publicKey: string): Promise<Recipient> {
  const known = parsed.get(publicKey) ?? parse(publicKey);
  parsed.set(publicKey, known);
  return known;
}

async function parse(publicKey: string): Promise<Recipient> {
  const binary = decodeBase64(publicKey);
  if (binary === null) {
    throw new Error("must be a base64 PGP public key without armor, as `gpg --export <id> | base64 -w0` prints it");
  }
  let key: Key;
  try {
    key = await readKey({ binaryKey: binary });
  } catch {
    throw new Error("must be a PGP public key; export it with `gpg --export <id> | base64 -w0`");
  }
  if (key.isPrivate()) {
    throw new Error("must be a public key, got a private one; take it out of the configuration and replace the pair");
  }
  try {
    await key.getEncryptionKey();
  } catch {
    throw new Error("must be able to encrypt and not be expired; export a key with a valid encryption subkey");
  }
  const { fingerprints, fault } = judgeKey(publicKey, Date.now());
  if (fault !== null) throw new Error(`must ${fault}; export another with \`gpg --export <id> | base64 -w0\``);
  return { publicKey, fingerprint: key.getFingerprint(), fingerprints };
}

function decodeBase64(text: string): Uint8Array | null {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
    ? Buffer.from(text, "base64")
    : null;
}
