import { KubeError } from "../../kube/kube-error.ts";
import type { Escrow } from "./escrow.ts";
import { archiveTaken } from "../stops/key-stops.ts";
import type { KeysRecord } from "./keys-record.ts";
import { readKeys, writeKeys } from "./keys-secret.ts";
import { promoted, withoutPending } from "./pending-keys.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { Place } from "../stops/runbooks.ts";

/** How many names are tried for one set of keys. */
const maxNames = 9;

/** Where keys are kept, and by whom. */
export interface Archive {
  readonly context: Pick<ProtocolContext, "kube">;
  readonly place: Place;
  readonly escrow: Escrow;
}

/**
 * Archives every set of keys in a record, including that of an unfinished rekey, each in a Secret of its own beside the
 * keys Secret. A set that is archived already changes nothing.
 *
 * @throws ProtocolStop when every name is taken by something else, which is never overwritten.
 */
export async function archiveKeys(archive: Archive, record: KeysRecord): Promise<void> {
  await archiveSet(archive, withoutPending(record));
  if (record.pending?.shares != null) await archiveSet(archive, promoted(record));
}

async function archiveSet(archive: Archive, keys: KeysRecord): Promise<void> {
  const base = `${archive.place.keysSecret}-${keys.keysFingerprint.replace("sha256:", "").slice(0, 12)}`;
  for (let number = 1; number <= maxNames; number++) {
    if (await isKept(archive, number === 1 ? base : `${base}-${number}`, { ...keys, rootToken: null })) {
      return;
    }
  }
  throw archiveTaken(archive.place, base);
}

/** True when this Secret holds this set now; false when it holds anything else, which stays. */
async function isKept({ context, place, escrow }: Archive, name: string, keys: KeysRecord): Promise<boolean> {
  const at = { kube: context.kube, namespace: place.namespace, name };
  try {
    await writeKeys(at, keys, null, escrow);
    return true;
  } catch (error) {
    if (!(error instanceof KubeError && error.kind === "conflict")) throw error;
  }
  // A Secret of this name counts only by what it holds: its fingerprint is checked against the shares when it is read.
  const { parsed } = await readKeys(context.kube, place.namespace, name);
  return parsed.kind === "keys" && parsed.record.keysFingerprint === keys.keysFingerprint;
}
