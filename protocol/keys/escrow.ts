import { hkdfSync } from "node:crypto";
import type { Fault, Faults } from "../frame/faults.ts";
import { isUnknown } from "../frame/unknown.ts";
import { type Message, type PrivateKey, decrypt, readMessage, readPrivateKey } from "openpgp";

/** Private PGP keys that open what was encrypted to the stack. */
export interface EscrowInputs {
  /** Armored PGP private key; secret. */
  readonly escrowPrivateKey: string;
  /** The one before it, as long as shares in use are encrypted to that; secret. */
  readonly escrowPreviousPrivateKey?: string;
}

/** The private keys of a stack: the present one, and the one before it while shares are still encrypted to that. */
export interface Keyring {
  /** Receives whatever is encrypted from now on. */
  readonly current: Escrow;
  /** Whether what was encrypted to this fingerprint can be opened. */
  holds(recipient: string): boolean;
  /** The key with this fingerprint, when it is one of these. */
  escrowOf(recipient: string): Escrow | undefined;
  /**
   * Opens one value.
   * @throws when it is for nobody here, or damaged; the error repeats nothing of it.
   */
  open(value: { readonly recipient: string; readonly message: string }): Promise<string>;
}

/**
 * Reads the private keys among a resource's inputs.
 *
 * @throws when one is not an armored private key without a passphrase; the error never repeats it.
 */
export async function openKeyring(inputs: EscrowInputs): Promise<Keyring> {
  const { escrowPrivateKey, escrowPreviousPrivateKey: previous } = inputs;
  const current = await openEscrow("escrowPrivateKey", escrowPrivateKey);
  const all = [current, ...(previous === undefined ? [] : [await openEscrow("escrowPreviousPrivateKey", previous)])];
  const holderOf = (recipient: string): Escrow | undefined => all.find(({ fingerprint }) => fingerprint === recipient);
  return {
    current,
    holds: (recipient) => holderOf(recipient) !== undefined,
    escrowOf: holderOf,
    open: ({ recipient, message }) => {
      const holder = holderOf(recipient);
      if (holder === undefined) throw new Error(`a value for ${recipient} is not for this stack`);
      return holder.open(message);
    },
  };
}

/** A private key that opens what was encrypted to it. */
export interface Escrow {
  /** Fingerprint of its public half. */
  readonly fingerprint: string;
  /** Public half in base64, as Vault takes it. */
  readonly publicKey: string;
  /** Proves what its holder wrote; secret, and reveals nothing of the private half. */
  readonly proofKey: Uint8Array;
  /**
   * Opens one base64 PGP message.
   * @throws when the message is damaged or not for this key; the error repeats nothing of it.
   */
  open(message: string): Promise<string>;
}

/**
 * Reads an armored private key without a passphrase.
 *
 * @throws when it is none; the error never repeats the key.
 */
async function openEscrow(property: string, armoredKey: string): Promise<Escrow> {
  let key: PrivateKey;
  try {
    key = await readPrivateKey({ armoredKey });
  } catch {
    throw new Error(
      `${property}: must be an armored PGP private key; make one with \`npm run escrow -- <stack>\` or restore it from your backup`,
    );
  }
  if (!key.isDecrypted()) {
    throw new Error(
      `${property}: must be without a passphrase, since Pulumi's secrets provider already encrypts it; remove it with \`gpg --edit-key\``,
    );
  }
  return {
    fingerprint: key.getFingerprint(),
    publicKey: Buffer.from(key.toPublic().write()).toString("base64"),
    // Derived from the key itself, not from its text: exported anew, it proves the same.
    proofKey: new Uint8Array(hkdfSync("sha256", key.keyPacket.write(), "", "vaultstack keys record", 32)),
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

/** Notes what is wrong with inputs that should be escrow keys; nothing of them is repeated. */
export async function escrowFaults(faults: Faults, inputs: EscrowInputs): Promise<void> {
  faults.list.push(...(await escrowFault("escrowPrivateKey", inputs.escrowPrivateKey)));
  const previous: unknown = inputs.escrowPreviousPrivateKey;
  if (previous !== undefined) faults.list.push(...(await escrowFault("escrowPreviousPrivateKey", previous)));
}

async function escrowFault(property: string, armoredKey: unknown): Promise<Fault[]> {
  if (isUnknown(armoredKey)) return [];
  const must = `${property}: must be an armored PGP private key; make one with \`npm run escrow -- <stack>\``;
  if (typeof armoredKey !== "string") return [{ property, reason: must }];
  try {
    await openEscrow(property, armoredKey);
    return [];
  } catch (error) {
    return [{ property, reason: error instanceof Error ? error.message : must }];
  }
}
