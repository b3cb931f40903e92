import { isTransient, KubeError } from "../../kube/kube-error.ts";
import type { InitRun } from "./init-run.ts";
import type { IntentRecord, KeysRecord, StoredRecord } from "../keys/keys-record.ts";
import { type KeysPlace, readKeys, writeKeys } from "../keys/keys-secret.ts";
import { noRights } from "../stops/runbooks.ts";

/** The keys exist and could not be written: they must leave the process some other way. */
export class UnsavedKeys extends Error {
  override readonly name = "UnsavedKeys";
  /** The keys, encrypted. */
  readonly record: KeysRecord;

  constructor(record: KeysRecord, reason: string) {
    super(reason);
    this.record = record;
  }
}

/**
 * Asks about its rights before writing anything, so that a missing one is named; what the answer cannot tell, the
 * writes will.
 */
export async function askRights({ context, inputs, place }: InitRun): Promise<undefined> {
  const { namespace } = inputs.target;
  const question = { namespace, group: "", resource: "secrets", name: inputs.keysSecret } as const;
  const verbs = ["get", "update"] as const;
  const answers = await Promise.all(
    verbs.map((verb) => context.kube.mayI({ ...question, verb }).catch(() => ({ allowed: true, reason: "" }))),
  );
  const missing = verbs.flatMap((verb, index) => {
    const answer = answers[index];
    return answer?.allowed === false
      ? [`no right to ${verb} the Secret ${inputs.keysSecret}${answer.reason === "" ? "" : `: ${answer.reason}`}`]
      : [];
  });
  if (missing.length > 0) throw noRights(place, missing);
}

/** From here on the next run knows that an initialisation was about to happen, and on which volumes. */
export async function writeIntent(run: InitRun): Promise<undefined | { goTo: string }> {
  run.intent = intentOf(run);
  return writeOrLookAgain(run, run.intent);
}

/** Only an update shows that the later update will be allowed: creating and updating are different rights. */
export async function proveWrite(run: InitRun): Promise<undefined | { goTo: string }> {
  run.intent = intentOf(run);
  return writeOrLookAgain(run, run.intent);
}

/** Keys that the state knows, or that a person vouched for, carry a proof from now on. */
export async function proveKeys(run: InitRun): Promise<undefined | { goTo: string }> {
  return run.record === null ? undefined : writeOrLookAgain(run, run.record);
}

function placeOfKeys({ context, inputs }: InitRun): KeysPlace {
  return { kube: context.kube, namespace: inputs.target.namespace, name: inputs.keysSecret };
}

/** Bytes of one PGP message with a share, base64, rounded up for large keys. */
const shareBytes = 2_048;

function intentOf({ context, inputs, survey, decision }: InitRun): IntentRecord {
  return {
    state: "intent",
    version: 1,
    runId: context.runId,
    writtenAt: new Date(context.clock.now()).toISOString(),
    nodes: survey.map(({ pod, uid, claims }) => ({ pod, uid: uid ?? "", claims })),
    secretShares: inputs.secretShares,
    secretThreshold: inputs.secretThreshold,
    replaces: decision.kind === "initialize" ? decision.replaces : null,
    reserve: "-".repeat((inputs.secretShares + 1) * shareBytes),
  };
}

async function writeOrLookAgain(run: InitRun, record: StoredRecord): Promise<undefined | { goTo: string }> {
  const { place } = run;
  try {
    run.version = await writeKeys(placeOfKeys(run), record, run.version, run.keyring.current);
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && error.kind === "conflict") return { goTo: "survey" };
    throw error instanceof KubeError && !isTransient(error) ? noRights(place, [error.message]) : error;
  }
}

/** Keeps trying: until this succeeds the keys exist in this process only. */
export async function storeKeys(run: InitRun): Promise<undefined> {
  const { context, inputs, record } = run;
  if (record === null) return;
  const { clock, timings } = context;
  const deadline = clock.now() + timings.store;
  for (;;) {
    const reason = await tryStore(run, record);
    if (reason === null) return;
    if (reason.final || clock.now() > deadline) throw new UnsavedKeys(record, reason.text);
    await clock.sleep(timings.poll);
    await refreshVersion(run, record, inputs.keysSecret);
  }
}

/** Writes what an earlier run could not. */
export async function storeUnsavedKeys(run: InitRun): Promise<undefined> {
  return storeKeys(run);
}

async function tryStore(run: InitRun, record: KeysRecord): Promise<{ text: string; final: boolean } | null> {
  try {
    run.version = await writeKeys(placeOfKeys(run), record, run.version, run.keyring.current);
    return null;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.kind === "conflict") {
      // Either our own write whose answer was lost, or somebody else's, which must not be overwritten.
      return ownWriteOrConflict(run, record);
    }
    return { text: error.message, final: false };
  }
}

async function ownWriteOrConflict(run: InitRun, record: KeysRecord): Promise<{ text: string; final: boolean } | null> {
  const { context, inputs } = run;
  try {
    const { parsed } = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
    if (parsed.kind === "keys" && parsed.record.keysFingerprint === record.keysFingerprint) return null;
    const ours = parsed.kind === "intent" && parsed.record.runId === record.runId;
    return { text: "another run wrote to it in the meantime", final: !ours };
  } catch (error) {
    if (error instanceof KubeError) return { text: error.message, final: false };
    throw error;
  }
}

/** After a lost answer the Secret may have a newer version: our own intent may be replaced, nothing else. */
async function refreshVersion(run: InitRun, record: KeysRecord, keysSecret: string): Promise<void> {
  try {
    const { parsed, resourceVersion } = await readKeys(run.context.kube, run.inputs.target.namespace, keysSecret);
    if (parsed.kind === "absent" || (parsed.kind === "intent" && parsed.record.runId === record.runId)) {
      run.version = resourceVersion;
    }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
  }
}

/** Believes nothing but what can be read again. */
export async function readBack(run: InitRun): Promise<undefined> {
  const { context, inputs, record } = run;
  if (record === null) return;
  const deadline = context.clock.now() + context.timings.store;
  for (;;) {
    const found = await readBackOnce(run);
    if (found === record.keysFingerprint) return;
    if (found !== null || context.clock.now() > deadline) {
      throw new UnsavedKeys(record, `the Secret ${inputs.keysSecret} does not read back as written`);
    }
    await context.clock.sleep(context.timings.poll);
  }
}

/** Null when the API server did not answer. */
async function readBackOnce({ context, inputs }: InitRun): Promise<string | null> {
  try {
    const { parsed } = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
    return parsed.kind === "keys" ? parsed.record.keysFingerprint : parsed.kind;
  } catch (error) {
    if (error instanceof KubeError) return null;
    throw error;
  }
}
