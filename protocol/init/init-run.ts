import type { InitDecision } from "./init-decision.ts";
import type { Keyring } from "../keys/escrow.ts";
import type { IntentRecord, KeysRecord } from "../keys/keys-record.ts";
import type { StoredKeys } from "../keys/keys-secret.ts";
import type { HeldLease } from "../frame/lease.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { Authorship } from "../keys/record-proof.ts";
import type { Place } from "../stops/runbooks.ts";
import type { Survey } from "../vault-client/survey.ts";
import type { InitInputs } from "./init-properties.ts";

/** What a run knows so far. */
export interface InitRun {
  readonly context: ProtocolContext;
  readonly inputs: InitInputs;
  readonly place: Place;
  /** Fingerprint of the keys Pulumi's state knows. */
  readonly known: string | null;
  /** Whether the run that wrote that state proved every record it wrote. */
  readonly provesRecords: boolean;
  /** Keys an earlier run could not write. */
  readonly unsaved: KeysRecord | null;
  readonly keyring: Keyring;
  lease: HeldLease | null;
  survey: Survey;
  stored: StoredKeys;
  decision: InitDecision;
  /** Who wrote what is stored. */
  authorship: Authorship;
  /** Fingerprint of the stored keys that this run has archived. */
  archived: string | null;
  intent: IntentRecord | null;
  /** Version of the Secret the next write must find. */
  version: string | null;
  /** The keys, once Vault gave them or they were found. */
  record: KeysRecord | null;
}
