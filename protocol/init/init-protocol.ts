import { awaitCondition } from "../frame/await-condition.ts";
import { archiveStored, archiveUnsaved, wipeVolumes } from "./init-start-over.ts";
import { parseRecipient } from "../keys/custody.ts";
import { confirmLease, initializeVault } from "./init-irreversible.ts";
import {
  askRights,
  proveKeys,
  proveWrite,
  readBack,
  storeKeys,
  storeUnsavedKeys,
  writeIntent,
} from "./init-storage.ts";
import { openKeyring } from "../keys/escrow.ts";
import type { WantedKeys, KeySetInputs } from "../keys/key-set.ts";
import type { KeysRecord } from "../keys/keys-record.ts";
import { releaseKeysLease, takeKeysLease } from "../keys/keys-lease.ts";
import { lookOnce } from "./init-look.ts";
import { placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
import { runSteps, type Step } from "../frame/steps.ts";
import type { InitInputs } from "./init-properties.ts";
import type { InitRun } from "./init-run.ts";

/** What distinguishes one run from another. */
export interface InitArgs {
  readonly context: ProtocolContext;
  readonly inputs: InitInputs;
  readonly known: string | null;
  /** Whether the run that wrote that state proved every record it wrote. */
  readonly provesRecords: boolean;
  readonly unsaved: KeysRecord | null;
}

/**
 * The steps in order. Whatever dies between two of them, the next run finds out from the pods and the Secret alone
 * where it stands. Only `initialize` cannot be undone, and everything that can refuse comes before it.
 */
export const initSteps: readonly Step<InitRun>[] = [
  { name: "take-lease", run: takeKeysLease },
  { name: "survey", run: surveyUntilDecided },
  { name: "decide", run: followDecision },
  {
    name: "archive-keys",
    applies: ({ decision }) => decision.kind === "start-over" && decision.archive !== null,
    run: archiveStored,
  },
  {
    name: "wipe-volumes",
    applies: ({ decision }) => decision.kind === "start-over" && decision.wipe.length > 0,
    run: wipeVolumes,
  },
  {
    name: "look-again",
    applies: ({ decision }) => decision.kind === "start-over",
    run: () => Promise.resolve({ goTo: "survey" }),
  },
  {
    name: "archive-unsaved",
    applies: ({ unsaved, decision }) => unsaved !== null && decision.kind !== "store-unsaved",
    run: archiveUnsaved,
  },
  {
    name: "prove-keys",
    applies: ({ decision, authorship }) => decision.kind === "adopt" && authorship !== "own",
    run: proveKeys,
  },
  { name: "ask-rights", applies: isInitializing, run: askRights },
  { name: "write-intent", applies: isInitializing, run: writeIntent },
  { name: "prove-write", applies: isInitializing, run: proveWrite },
  { name: "confirm-lease", applies: isInitializing, run: confirmLease },
  { name: "initialize", applies: isInitializing, run: initializeVault },
  { name: "store-keys", applies: isInitializing, run: storeKeys },
  { name: "store-unsaved", applies: ({ decision }) => decision.kind === "store-unsaved", run: storeUnsavedKeys },
  { name: "read-back", applies: ({ decision }) => decision.kind !== "adopt", run: readBack },
  { name: "release-lease", run: releaseKeysLease },
];

/**
 * Brings Vault and its keys together: initialises it, adopts keys that are already there, or stops.
 *
 * @returns the keys, encrypted, as they stand in the Secret.
 * @throws ProtocolStop when a person must decide; UnsavedKeys when the keys exist only in this process.
 */
export async function runInit(args: InitArgs): Promise<KeysRecord> {
  const run: InitRun = {
    ...args,
    place: placeOf(args.inputs.target, args.inputs.keysSecret),
    keyring: await openKeyring(args.inputs),
    lease: null,
    survey: [],
    stored: { parsed: { kind: "absent" }, resourceVersion: null },
    decision: { kind: "wait", reasons: [] },
    authorship: "unknown",
    archived: null,
    intent: null,
    version: null,
    record: null,
  };
  try {
    await runSteps("init", initSteps, run, args.context.observe);
  } catch (error) {
    await releaseKeysLease(run);
    throw error;
  }
  if (run.record === null) throw new Error("init: ended without keys and without a reason");
  return run.record;
}

function isInitializing({ decision }: InitRun): boolean {
  return decision.kind === "initialize";
}

async function surveyUntilDecided(run: InitRun): Promise<undefined> {
  const { context, inputs, place } = run;
  const wanted = await wantedKeys(inputs);
  run.decision = await awaitCondition(context, place, context.timings.ready, async () => {
    const look = await lookOnce({ ...run, wanted });
    const { decision } = look;
    run.stored = look.stored;
    run.authorship = look.authorship;
    run.survey = look.survey;
    return decision.kind === "wait" ? { missing: decision.reasons } : { found: decision };
  });
}

/** The set of keys these inputs ask for. */
export async function wantedKeys(inputs: KeySetInputs): Promise<WantedKeys> {
  const recipients = await Promise.all(inputs.shareRecipients.map(parseRecipient));
  const { secretShares, secretThreshold, keysGeneration: generation } = inputs;
  return { secretShares, secretThreshold, recipients: recipients.map(({ fingerprint }) => fingerprint), generation };
}

function followDecision(run: InitRun): Promise<undefined> {
  run.version = run.stored.resourceVersion;
  if (run.decision.kind === "stop") return Promise.reject(run.decision.fault);
  if (run.decision.kind === "adopt" || run.decision.kind === "store-unsaved") run.record = run.decision.record;
  return Promise.resolve(undefined);
}
