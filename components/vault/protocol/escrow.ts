import type { Fault } from "./faults.ts";
import { isUnknown } from "./unknown.ts";
import { type Message, type PrivateKey, decrypt, readMessage, readPrivateKey } from "openpgp";

/** A private key that opens what was encrypted to it. */
export interface Escrow {
  /** Fingerprint of its public half. */
  readonly fingerprint: string;
  /** Public half in base64, as Vault takes it. */
  readonly publicKey: string;
  /**
   * Opens one base64 PGP message.
   * @throws when the message is damaged or not for this key; the error repeats nothing of it.
   */
  open(message: string): Promise<string>;
}

/**
 * Reads an armored private key without passphrase.
 *
 * @throws when it is none; the error never repeats the key.
 */
export async function openEscrow(armoredKey: string): Promise<Escrow> {
  let key: PrivateKey;
  try {
    key = await readPrivateKey({ armoredKey });
  } catch {
    throw new Error(
      "escrowPrivateKey: must be an armored PGP private key; make one with `npm run escrow -- <stack>` or restore it from your backup",
    );
  }
  if (!key.isDecrypted()) {
    throw new Error(
      "escrowPrivateKey: must be without a passphrase, since Pulumi's secrets provider already encrypts it; remove it with `gpg --edit-key`",
    );
  }
  return {
    fingerprint: key.getFingerprint(),
    publicKey: Buffer.from(key.toPublic().write()).toString("base64"),
    open: async (message) => {
      let parsed: Message<Uint8Array>;
      try {
        parsed = await readMessage({ binaryMessage: Buffer.from(message, "base64") });
      } catch {
        throw new Error("the encrypted value is damaged");
      }
      try {
        return (await decrypt({ message: parsed, decryptionKeys: key })).data as string;
      } catch {
        throw new Error("the encrypted value is damaged or was made for another key");
      }
    },
  };
}

/** What is wrong with an input that should be an escrow key; nothing of it is repeated. */
export async function escrowFault(property: string, armoredKey: unknown): Promise<Fault[]> {
  if (isUnknown(armoredKey)) {
    return [];
  }
  if (typeof armoredKey !== "string") {
    return [
      {
        property,
        reason: `${property}: must be an armored PGP private key; make one with \`npm run escrow -- <stack>\``,
      },
    ];
  }
  try {
    await openEscrow(armoredKey);
    return [];
  } catch (error) {
    return [
      { property, reason: error instanceof Error ? error.message : `${property}: must be an armored PGP private key` },
    ];
  }
}
