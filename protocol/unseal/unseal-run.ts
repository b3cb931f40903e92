import type { KeysRecord } from "../keys/keys-record.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { Place } from "../stops/runbooks.ts";
import type { Survey } from "../vault-client/survey.ts";
import type { UnsealInputs } from "./unseal-properties.ts";
import type { OpenedSet } from "./unseal-node.ts";

/** What a run knows so far. */
export interface UnsealRun {
  readonly context: ProtocolContext;
  readonly inputs: UnsealInputs;
  readonly place: Place;
  survey: Survey;
  record: KeysRecord | null;
  version: string | null;
  /** The keys in use, and those of a rekey whose end was not seen, as far as this stack can open them. */
  sets: readonly OpenedSet[];
  /** True once empty nodes were seen to join. */
  joining: boolean;
  clusterId: string;
}
