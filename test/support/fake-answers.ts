import { createMessage, encrypt, readKey } from "openpgp";
import type { Reply } from "./wire.ts";

/** Encrypts a text the way Vault does, to a base64 PGP public key. */
export async function encryptTo(recipient: string, text: string): Promise<string> {
  const message = await createMessage({ text });
  const encryptionKeys = await readKey({ binaryKey: Buffer.from(recipient, "base64") });
  const encrypted = (await encrypt({ message, encryptionKeys, format: "binary" })) as Uint8Array;
  return Buffer.from(encrypted).toString("base64");
}

/** A refusal in Vault's form. */
export function refuse(status: number, error: string): Reply {
  return { status, body: { errors: [error] } };
}
