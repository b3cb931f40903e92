import { KubeError } from "../../cluster/kube-error.ts";
import type { KeysRecord } from "./keys-record.ts";
import { writeKeys } from "./keys-secret.ts";
import type { ProtocolContext } from "./protocol-context.ts";
import type { Place } from "./runbooks.ts";

/** Keeps a set of keys in a Secret of its own beside the keys Secret; the same set again changes nothing. */
export async function archiveKeySet({ kube }: ProtocolContext, place: Place, keys: KeysRecord): Promise<void> {
  const name = `${place.keysSecret}-${keys.keysFingerprint.replace("sha256:", "").slice(0, 12)}`;
  try {
    await writeKeys(kube, place.namespace, name, keys, null);
  } catch (error) {
    // A run before this one got as far: the same fingerprint is the same keys.
    if (!(error instanceof KubeError && error.kind === "conflict")) {
      throw error;
    }
  }
}
