import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";
import { keysFingerprintOf } from "./key-set.ts";
import type { RecordProof } from "./record-proof.ts";
import type { SealType } from "./seal-type.ts";

const fingerprint = z.string().regex(/^[0-9a-f]{40,64}$/);

const node = z.strictObject({
  pod: z.string().min(1),
  uid: z.string().min(1),
  /** Volume claims of the pod by name, with their UIDs. */
  claims: z.record(z.string(), z.string().min(1)),
});

const encrypted = z.strictObject({
  /** Fingerprint of the PGP key it was encrypted to. */
  recipient: fingerprint,
  message: z.base64().min(1),
});

const common = {
  version: z.literal(1),
  /** The run that wrote this. */
  runId: z.string().min(1),
  writtenAt: z.iso.datetime(),
  /** What the run saw when it decided to initialise. */
  nodes: z.array(node).min(1),
  secretShares: z.int().min(1).max(255),
  secretThreshold: z.int().min(1).max(255),
  /** Fingerprint of the keys these take the place of, by consent; null for the first. */
  replaces: z.string().nullable(),
};

const intent = z.strictObject({
  state: z.literal("intent"),
  ...common,
  /** As large as the keys will be: if this can be written, they can be too. */
  reserve: z.string(),
});

/** A set of keys that Vault has made, or is about to make, and does not use yet. */
const pending = z.strictObject({
  /** The run that announced it. */
  runId: z.string().min(1),
  startedAt: z.iso.datetime(),
  secretShares: z.int().min(1).max(255),
  secretThreshold: z.int().min(1).max(255),
  generation: z.int().min(1),
  /** Fingerprints of the PGP keys that are to receive a share each. */
  recipients: z.array(fingerprint).min(1),
  /** Nonce of the rekey in Vault that made the shares; null until it has. */
  nonce: z.string().nullable(),
  /** Null until Vault has made them. */
  shares: z.array(encrypted).min(1).nullable(),
  /** As large as the shares will be: if this can be written, they can be too; empty once they are there. */
  reserve: z.string(),
});

const initialized = z.strictObject({
  state: z.literal("initialized"),
  ...common,
  initializedAt: z.iso.datetime(),
  /** The pod that was initialised. */
  initializedPod: z.string().min(1),
  /** What keeps the root key, when it is not split into the shares: these are recovery shares then. */
  seal: z.enum(["transit", "awskms", "gcpckms", "azurekeyvault"]).optional(),
  /** Known once Vault was first unsealed with these keys. */
  clusterId: z.string().nullable(),
  shares: z.array(encrypted).min(1),
  /** Null once it was revoked. */
  rootToken: encrypted.nullable(),
  keysFingerprint: z.string(),
  /** Fingerprint of the keys Vault was initialised with; absent while they are in use. */
  origin: z.string().optional(),
  /** Which of the sets with the same holders this is; absent for the first. */
  generation: z.int().min(2).optional(),
  /** A rekey that is not finished. */
  pending: pending.optional(),
});

/** A text, and the fingerprint of the key it is encrypted to. */
export type EncryptedText = z.infer<typeof encrypted>;

/** Written before Vault is asked to initialise: who is about to, and on which volumes. */
export type IntentRecord = z.infer<typeof intent>;

/** The keys of an initialised Vault, encrypted. */
export type KeysRecord = z.infer<typeof initialized>;

/** What keeps the root key of the Vault with these keys. */
export function sealOf(record: KeysRecord): SealType {
  return record.seal ?? "shamir";
}

/** A rekey that is not finished. */
export type PendingKeys = z.infer<typeof pending>;

/** What the keys Secret says. */
export type StoredRecord = IntentRecord | KeysRecord;

/** What can be read out of the keys Secret. */
export type ParsedRecord =
  | { readonly kind: "absent" }
  | { readonly kind: "intent"; readonly record: IntentRecord; readonly proof?: RecordProof }
  | { readonly kind: "keys"; readonly record: KeysRecord; readonly proof?: RecordProof }
  | { readonly kind: "damaged"; readonly faults: readonly string[] };

/** The record as one text that carries its own checksum. */
export function renderRecord(record: StoredRecord): string {
  return `${JSON.stringify({ ...record, checksum: checksumOf(record) }, undefined, 2)}\n`;
}

/** Reads what {@link renderRecord} wrote; every fault is named, and none repeats a value. */
export function parseRecord(text: string): ParsedRecord {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { kind: "damaged", faults: ["record.json: must be JSON; it was cut off or edited"] };
  }
  if (typeof content !== "object" || content === null || !("state" in content)) {
    return { kind: "damaged", faults: ["record.json: must be an object with a state"] };
  }
  const { checksum, ...record } = content as { checksum?: unknown; state: unknown };
  const schema = record.state === "intent" ? intent : initialized;
  const parsed = schema.safeParse(record);
  if (!parsed.success) {
    return {
      kind: "damaged",
      faults: parsed.error.issues.map((issue) => `record.json: ${issue.path.join(".")}: ${issue.code}`),
    };
  }
  const faults = contentFaults(parsed.data);
  if (checksum !== checksumOf(parsed.data)) {
    faults.push("record.json: checksum: does not fit the content; the record was edited");
  }
  if (faults.length > 0) return { kind: "damaged", faults };
  return parsed.data.state === "intent"
    ? { kind: "intent", record: parsed.data }
    : { kind: "keys", record: parsed.data };
}

function contentFaults(record: StoredRecord): string[] {
  const faults: string[] = [];
  if (record.secretThreshold > record.secretShares) {
    faults.push("record.json: secretThreshold: must not exceed secretShares");
  }
  if (record.state === "intent") return faults;
  faults.push(...shareFaults("shares", record.shares, record.secretShares));
  if (record.pending?.shares != null) {
    faults.push(...shareFaults("pending.shares", record.pending.shares, record.pending.secretShares));
  }
  if (record.keysFingerprint !== keysFingerprintOf(record)) {
    faults.push("record.json: keysFingerprint: does not fit the shares");
  }
  return faults;
}

function shareFaults(path: string, shares: KeysRecord["shares"], wanted: number): string[] {
  const faults: string[] = [];
  if (shares.length !== wanted) faults.push(`record.json: ${path}: must be ${wanted}, got ${shares.length}`);
  if (new Set(shares.map(({ message }) => message)).size !== shares.length) {
    faults.push(`record.json: ${path}: must all differ; one is there twice`);
  }
  return faults;
}

function checksumOf(record: StoredRecord): string {
  return createHash("sha256").update(canonicalJson(record)).digest("hex");
}
