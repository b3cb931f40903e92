import { generateKey } from "openpgp";

/** A key pair to which Vault encrypts key shares, in the two forms the stack's config holds. */
export interface EscrowKeyPair {
  /** Config `escrowPublicKey`: the binary PGP key in base64, as Vault's `pgp_keys` takes it. */
  readonly publicKey: string;
  /** Config `escrowPrivateKey`: armored, without a passphrase of its own; the stack's secrets provider encrypts it. */
  readonly privateKey: string;
}

/**
 * Makes the escrow key pair of a stack. Each call gives a new one.
 *
 * RSA, because Vault's PGP library takes no newer kind of key; 3072 bits are enough beyond the year 2030.
 *
 * @param stack Named in the key's user id, so that a person who lists keys knows what it is for.
 */
export async function makeEscrowKeyPair(stack: string): Promise<EscrowKeyPair> {
  const { publicKey, privateKey } = await generateKey({
    type: "rsa",
    rsaBits: 3072,
    userIDs: [{ name: `vaultstack ${stack} escrow` }],
    format: "object",
  });
  return { publicKey: Buffer.from(publicKey.write()).toString("base64"), privateKey: privateKey.armor() };
}
