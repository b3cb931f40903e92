import type { Keyring } from "../keys/escrow.ts";
import { decideInit, type InitDecision } from "./init-decision.ts";
import type { KeysRecord } from "../keys/keys-record.ts";
import type { WantedKeys } from "../keys/key-set.ts";
import { readKeys, type StoredKeys } from "../keys/keys-secret.ts";
import { placeOf, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { type Authorship, authorOf, unchanged } from "../keys/record-proof.ts";
import { type Survey, surveyNodes } from "../vault-client/survey.ts";
import type { InitInputs } from "./init-properties.ts";

/** What a look starts from. */
export interface LookArgs {
  readonly context: ProtocolContext;
  readonly inputs: InitInputs;
  readonly keyring: Keyring;
  readonly wanted: WantedKeys;
  /** Fingerprint of the keys Pulumi's state knows. */
  readonly known: string | null;
  /** Whether the run that wrote that state proved every record it wrote. */
  readonly provesRecords: boolean;
  /** Keys an earlier run could not write. */
  readonly unsaved: KeysRecord | null;
  /** Fingerprint of the stored keys that this run has archived. */
  readonly archived: string | null;
}

/** What is there, and what it means. */
export interface InitLook {
  readonly stored: StoredKeys;
  /** Who wrote what is stored. */
  readonly authorship: Authorship;
  readonly survey: Survey;
  readonly decision: InitDecision;
}

/** Looks at the keys Secret and the pods once, and decides what is to be done. */
export async function lookOnce(args: LookArgs): Promise<InitLook> {
  const { context, inputs, keyring, wanted, known, provesRecords, unsaved, archived } = args;
  const { target, keysSecret, seal, previousSeal, allowReinitialize, adoptExisting } = inputs;
  // The Secret first: keys that appear between the two looks are found by the write that meets them.
  const read = await readKeys(context.kube, target.namespace, keysSecret);
  const stored = { ...read, parsed: unchanged(read.parsed, keyring) };
  const authorship = authorOf(stored.parsed, keyring);
  const survey = await surveyNodes(surveyArgs(context, target));
  const decision = decideInit({
    place: placeOf(target, keysSecret),
    survey,
    stored: stored.parsed,
    authorship,
    known,
    provesRecords,
    wanted,
    unsaved,
    archived,
    seal,
    previousSeal,
    allowReinitialize,
    adoptExisting,
  });
  return { stored, authorship, survey, decision };
}
