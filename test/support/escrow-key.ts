import { generateKey, readPrivateKey } from "openpgp";

/** A PGP pair made for tests. */
export interface EscrowPair {
  /** Armored, secret. */
  readonly privateKey: string;
  /** Base64, as Vault takes it. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** Makes a pair; takes a fraction of a second, so share it. */
export async function makeEscrow(name = "escrow"): Promise<EscrowPair> {
  const { privateKey } = await generateKey({ type: "rsa", rsaBits: 2048, userIDs: [{ name }] });
  const key = await readPrivateKey({ armoredKey: privateKey });
  return {
    privateKey,
    publicKey: Buffer.from(key.toPublic().write()).toString("base64"),
    fingerprint: key.getFingerprint(),
  };
}
