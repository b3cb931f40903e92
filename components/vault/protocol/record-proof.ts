import { createHmac, timingSafeEqual } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { Escrow, Keyring } from "./escrow.ts";
import type { ParsedRecord, StoredRecord } from "./keys-record.ts";

/** What a record says of who wrote it. */
export type Authorship =
  /** Whoever holds the escrow key, or the one before it. */
  | "own"
  /** Nobody who can be told: a version before this one, another stack, or somebody who made it up. */
  | "unknown"
  /** The holder of the escrow key, and somebody has changed it since. */
  | "changed";

/** The record with the proof that the holder of this escrow key wrote it, whatever it carried before. */
export function proven<T extends StoredRecord>(record: T, escrow: Escrow): T {
  return { ...record, proof: { recipient: escrow.fingerprint, mac: macOf(record, escrow) } };
}

/** Who wrote a record. A checksum anybody can make, and the public half of the escrow key is no secret. Pure. */
function authorshipOf(record: StoredRecord, keyring: Keyring): Authorship {
  const { proof } = record;
  const escrow = proof === undefined ? undefined : keyring.escrowOf(proof.recipient);
  if (proof === undefined || escrow === undefined) {
    return "unknown";
  }
  const [found, right] = [Buffer.from(proof.mac, "hex"), Buffer.from(macOf(record, escrow), "hex")];
  return found.length === right.length && timingSafeEqual(found, right) ? "own" : "changed";
}

/** Who wrote what was read; nobody who can be told when there is nothing. Pure. */
export function authorOf(parsed: ParsedRecord, keyring: Keyring): Authorship {
  return parsed.kind === "keys" || parsed.kind === "intent" ? authorshipOf(parsed.record, keyring) : "unknown";
}

/** What was read, or damage where it was changed after this stack wrote it. Pure. */
export function unchanged(parsed: ParsedRecord, keyring: Keyring): ParsedRecord {
  return authorOf(parsed, keyring) === "changed"
    ? { kind: "damaged", faults: ["record.json: proof: does not fit the content; it was changed by somebody else"] }
    : parsed;
}

function macOf(record: StoredRecord, escrow: Escrow): string {
  const content = { ...record };
  delete content.proof;
  return createHmac("sha256", escrow.proofKey).update(canonicalJson(content)).digest("hex");
}
