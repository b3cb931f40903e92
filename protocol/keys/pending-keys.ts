import { keysFingerprintOf, originOf } from "./key-set.ts";
import type { KeysRecord } from "./keys-record.ts";

/** The record without the rekey that is not finished. */
export function withoutPending(record: KeysRecord): KeysRecord {
  const kept = { ...record };
  delete kept.pending;
  return kept;
}

/** The record with the new keys in place of the present ones; unchanged when there are none. */
export function promoted(record: KeysRecord): KeysRecord {
  const { pending } = record;
  if (pending?.shares == null) return record;
  const kept = withoutPending(record);
  delete kept.generation;
  const { runId, startedAt: writtenAt, secretShares, secretThreshold, shares, generation } = pending;
  return {
    ...kept,
    runId,
    writtenAt,
    secretShares,
    secretThreshold,
    shares,
    origin: originOf(record),
    keysFingerprint: keysFingerprintOf({ secretShares, secretThreshold, shares }),
    ...(generation > 1 && { generation }),
  };
}
