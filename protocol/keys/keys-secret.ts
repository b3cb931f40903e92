import type { KubeApi } from "../../kube/kube-client.ts";
import type { Secret } from "../../kube/kube-objects.ts";
import type { Escrow } from "./escrow.ts";
import { type ParsedRecord, parseRecord, renderRecord, type StoredRecord } from "./keys-record.ts";
import { parseProof, renderProof } from "./record-proof.ts";

/** Key of the Secret's data that holds the record. */
const recordKey = "record.json";

/** Key of the Secret's data that holds the proof of who wrote the record. */
const proofKey = "proof.json";

/** The keys Secret as read: what it says, and the version a write must still find. */
export interface StoredKeys {
  readonly parsed: ParsedRecord;
  /** Null when there is no Secret. */
  readonly resourceVersion: string | null;
}

/** Reads the keys Secret; a Secret without a readable record is damaged, never absent. */
export async function readKeys(kube: KubeApi, namespace: string, name: string): Promise<StoredKeys> {
  const secret = await kube.readSecret(namespace, name);
  if (secret === null) return { parsed: { kind: "absent" }, resourceVersion: null };
  const text = textOf(secret, recordKey);
  const parsed: ParsedRecord =
    text === undefined
      ? { kind: "damaged", faults: [`secret ${namespace}/${name}: must hold ${recordKey}`] }
      : parseRecord(text);
  const proof = parseProof(textOf(secret, proofKey) ?? "");
  const isProven = proof !== undefined && (parsed.kind === "keys" || parsed.kind === "intent");
  return {
    parsed: isProven ? { ...parsed, proof } : parsed,
    resourceVersion: secret.metadata.resourceVersion ?? null,
  };
}

function textOf({ data }: Secret, key: string): string | undefined {
  const encoded = data?.[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

/** Which Secret, and the way there. */
export interface KeysPlace {
  readonly kube: KubeApi;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Writes the record: creates the Secret when none was read, else replaces exactly the version that was read.
 * It has no owner: whatever is deleted, the keys stay as long as their namespace.
 *
 * @param escrow proves that this stack wrote it.
 *
 * @returns the version written.
 * @throws KubeError of kind conflict when somebody wrote in between.
 */
export async function writeKeys(
  { kube, namespace, name }: KeysPlace,
  record: StoredRecord,
  resourceVersion: string | null,
  escrow: Escrow,
): Promise<string | null> {
  const secret: Secret = {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: {
      name,
      namespace,
      labels: {
        "app.kubernetes.io/name": "vault",
        "app.kubernetes.io/component": "keys",
        "app.kubernetes.io/managed-by": "vaultstack",
      },
      annotations: {
        "vaultstack.io/state": record.state,
        "vaultstack.io/warning": "without this Secret the data of Vault cannot be read again",
      },
      ...(resourceVersion === null ? {} : { resourceVersion }),
    },
    data: {
      [recordKey]: Buffer.from(renderRecord(record)).toString("base64"),
      [proofKey]: Buffer.from(renderProof(record, escrow)).toString("base64"),
    },
  };
  const written = resourceVersion === null ? await kube.createSecret(secret) : await kube.replaceSecret(secret);
  return written.metadata.resourceVersion ?? null;
}
