import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";
import type { Escrow, Keyring } from "./escrow.ts";
import type { ParsedRecord, StoredRecord } from "./keys-record.ts";

const recordProof = z.strictObject({
  /** Fingerprint of the escrow key that proves it. */
  recipient: z.string(),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * Proof that the holder of an escrow key wrote a record. It is stored beside the record, which earlier versions still
 * read.
 */
export type RecordProof = z.infer<typeof recordProof>;

/** What a record says of who wrote it. */
export type Authorship =
  /** Whoever holds the escrow key, or the one before it. */
  | "own"
  /** Nobody can tell: an earlier version, another stack, or somebody who made it up. */
  | "unknown"
  /** The holder of the escrow key, but somebody has changed it since. */
  | "changed";

/** The proof, as text, that the holder of this escrow key wrote this record. Pure. */
export function renderProof(record: StoredRecord, escrow: Escrow): string {
  return JSON.stringify({ recipient: escrow.fingerprint, mac: macOf(record, escrow) } satisfies RecordProof);
}

/** Reads what {@link renderProof} wrote; undefined when it is anything else, which proves nothing. Pure. */
export function parseProof(text: string): RecordProof | undefined {
  try {
    return recordProof.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Who wrote what was read. Anybody can make a checksum, and the public half of the escrow key is no secret. Pure. */
export function authorOf(parsed: ParsedRecord, keyring: Keyring): Authorship {
  if ((parsed.kind !== "keys" && parsed.kind !== "intent") || parsed.proof === undefined) return "unknown";
  const { proof, record } = parsed;
  const escrow = keyring.escrowOf(proof.recipient);
  if (escrow === undefined) return "unknown";
  const [found, right] = [Buffer.from(proof.mac, "hex"), Buffer.from(macOf(record, escrow), "hex")];
  return found.length === right.length && timingSafeEqual(found, right) ? "own" : "changed";
}

/** What was read, or damage where it was changed after this stack wrote it. Pure. */
export function unchanged(parsed: ParsedRecord, keyring: Keyring): ParsedRecord {
  return authorOf(parsed, keyring) === "changed"
    ? { kind: "damaged", faults: ["proof.json: does not fit record.json, which was changed by somebody else"] }
    : parsed;
}

function macOf(record: StoredRecord, escrow: Escrow): string {
  return createHmac("sha256", escrow.proofKey).update(canonicalJson(record)).digest("hex");
}
