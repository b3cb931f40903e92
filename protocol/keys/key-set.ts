import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { KeysRecord, PendingKeys } from "./keys-record.ts";

/** A set of keys and who receives them. */
export interface KeySetInputs {
  /** Number of shares the root key is split into. */
  readonly secretShares: number;
  /** Number of shares needed to unseal. */
  readonly secretThreshold: number;
  /** One base64 PGP public key per share. */
  readonly shareRecipients: readonly string[];
  /** Raised to have a new set made for the same holders; 1 is the first. */
  readonly keysGeneration: number;
}

/** Shares, encrypted, and how many of them unseal. */
export type KeySet = Pick<KeysRecord, "secretShares" | "secretThreshold" | "shares">;

/** A set of keys as the program describes it. */
export interface WantedKeys {
  readonly secretShares: number;
  readonly secretThreshold: number;
  /** Fingerprints, one per share. */
  readonly recipients: readonly string[];
  /** Raised to have a new set made for the same holders. */
  readonly generation: number;
}

/** Identifies a set of keys: changes with any share, their order and the threshold; not with the root token. */
export function keysFingerprintOf(keys: KeySet): string {
  const content = canonicalJson([
    keys.secretShares,
    keys.secretThreshold,
    keys.shares.map(({ recipient, message }) => [recipient, message]),
  ]);
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** Identifies the initialisation these keys belong to: stays the same when a rekey replaces them. */
export function originOf(record: KeysRecord): string {
  return record.origin ?? record.keysFingerprint;
}

/** Every set of keys that may open Vault now, the one in use first: of a rekey whose end was not seen, both may. */
export function candidateSets(record: KeysRecord): readonly KeySet[] {
  const { pending } = record;
  return pending?.shares == null ? [record] : [record, { ...pending, shares: pending.shares }];
}

/** How the keys in use differ from the ones asked for; null when they are the same set. */
export function differenceOf(record: KeysRecord, wanted: WantedKeys): string | null {
  const inUse = { ...record, recipients: record.shares.map(({ recipient }) => recipient) };
  return describeDifference({ ...inUse, generation: record.generation ?? 1 }, wanted);
}

/** Whether a rekey under way makes the keys asked for. */
export function makesWanted(pending: PendingKeys, wanted: WantedKeys): boolean {
  return describeDifference(pending, wanted) === null;
}

function describeDifference(found: WantedKeys, wanted: WantedKeys): string | null {
  if (found.secretShares !== wanted.secretShares || found.secretThreshold !== wanted.secretThreshold) {
    return `${found.secretThreshold} of ${found.secretShares} shares, while ${wanted.secretThreshold} of ${wanted.secretShares} are asked for`;
  }
  if (!found.recipients.every((holder, index) => holder === wanted.recipients[index])) {
    return `shares for ${found.recipients.join(", ")}, while ${wanted.recipients.join(", ")} are asked for`;
  }
  return found.generation === wanted.generation
    ? null
    : `generation ${found.generation} of its keys, while ${wanted.generation} is asked for`;
}
