import { foreignVault, twoClusters } from "../stops/cluster-stops.ts";
import { unknownKeys } from "../stops/key-stops.ts";
import { differenceOf, makesWanted, originOf, type WantedKeys } from "../keys/key-set.ts";
import { type IntentRecord, type KeysRecord, type ParsedRecord, sealOf } from "../keys/keys-record.ts";
import {
  lostVolume,
  brokenInit,
  damagedKeys,
  lostInit,
  lostKeys,
  otherKeySet,
  otherKeys,
  type Place,
  type ProtocolStop,
  removedNode,
  sealChange,
} from "../stops/runbooks.ts";
import { clustersOf, silentNodes, type Survey, type SurveyedNode } from "../vault-client/survey.ts";
import type { Authorship } from "../keys/record-proof.ts";
import type { SealType } from "../keys/seal-type.ts";

/** What is to be done about Vault's keys. */
export type InitDecision =
  /** Too little is known: these pods have not answered. */
  | { readonly kind: "wait"; readonly reasons: readonly string[] }
  /** The keys are there and so is the Vault they belong to. */
  | { readonly kind: "adopt"; readonly record: KeysRecord }
  /** An earlier run initialised Vault and could not write the keys; Pulumi's state kept them, encrypted. */
  | { readonly kind: "store-unsaved"; readonly record: KeysRecord }
  /** Nothing is there, or a run died before it initialised. */
  | { readonly kind: "initialize"; readonly pod: SurveyedNode; readonly replaces: string | null }
  /** With consent: set the old keys aside, empty these pods' volumes, decide again. */
  | { readonly kind: "start-over"; readonly archive: KeysRecord | null; readonly wipe: readonly SurveyedNode[] }
  | { readonly kind: "stop"; readonly fault: ProtocolStop };

/** What the decision rests on. */
export interface InitEvidence {
  readonly place: Place;
  readonly survey: Survey;
  readonly stored: ParsedRecord;
  /** Fingerprint of the keys Pulumi's state knows; null when it knows none. */
  readonly known: string | null;
  /**
   * Whether the run that wrote that state proved every record it wrote, so that one without a proof is somebody else's.
   */
  readonly provesRecords: boolean;
  /** The set of keys the program asks for. */
  readonly wanted: WantedKeys;
  /** The seal the program asks for, and the one it allows the root key to be moved from. */
  readonly seal: SealType;
  readonly previousSeal: SealType | null;
  /** Keys an earlier run could not write; null when there are none. */
  readonly unsaved: KeysRecord | null;
  /** Consent to lose what a Vault nobody can open holds. */
  readonly allowReinitialize: boolean;
  /** Consent to take over keys that nothing proves to be this stack's. */
  readonly adoptExisting: boolean;
  /** Who wrote what is stored. */
  readonly authorship: Authorship;
  /** Fingerprint of the stored keys that this run has archived; null when it has not. */
  readonly archived: string | null;
}

/**
 * Decides from the pods *and* the keys, never from one pod: pod 0 with a fresh volume looks uninitialised while the
 * others hold the data. Pure.
 */
export function decideInit(evidence: InitEvidence): InitDecision {
  const { place, survey, stored } = evidence;
  const initialized = survey.filter(
    ({ state }) => state.kind === "sealed" || state.kind === "unsealed" || state.kind === "removed",
  );
  const clusters = clustersOf(survey);
  if (stored.kind === "damaged") return stopped(damagedKeys(place, stored.faults));
  if (Object.keys(clusters).length > 1) return stopped(twoClusters(place, clusters, ownCluster(evidence)));
  if (evidence.unsaved !== null && isAwaited(evidence.unsaved, stored)) {
    return { kind: "store-unsaved", record: evidence.unsaved };
  }
  if (stored.kind === "keys" && initialized.length > 0) return adopt(evidence, stored.record, clusters);
  const unusable = unusableNode(evidence);
  if (unusable !== null) return unusable;
  if (initialized.length > 0) return keylessVault(evidence, initialized);
  const reasons = silentNodes(survey);
  return reasons.length > 0 ? { kind: "wait", reasons } : emptyVault(evidence);
}

/** The cluster that the stored keys have opened, when they are this stack's. */
function ownCluster({ place, stored, known, authorship }: InitEvidence): Parameters<typeof twoClusters>[2] {
  if (stored.kind !== "keys" || stored.record.clusterId === null) return null;
  const isOurs = authorship === "own" || known === originOf(stored.record);
  return isOurs ? { clusterId: stored.record.clusterId, by: `the keys in Secret ${place.keysSecret}` } : null;
}

/** The place of these keys is still free: nobody has written others since. */
function isAwaited(unsaved: KeysRecord, stored: ParsedRecord): boolean {
  return stored.kind === "absent" || (stored.kind === "intent" && stored.record.runId === unsaved.runId);
}

function adopt(evidence: InitEvidence, record: KeysRecord, clusters: Record<string, string[]>): InitDecision {
  const { place, known } = evidence;
  const [clusterId] = Object.keys(clusters);
  if (record.clusterId !== null && clusterId !== undefined && clusterId !== record.clusterId) {
    return stopped(
      twoClusters(place, clusters, { clusterId: record.clusterId, by: `the keys in Secret ${place.keysSecret}` }),
    );
  }
  if (![evidence.seal, evidence.previousSeal].includes(sealOf(record))) {
    return stopped(sealChange(place, sealOf(record), evidence.seal));
  }
  if (known !== null && isKnown(evidence, record, known)) return { kind: "adopt", record };
  // What anybody could have put there is no proof: the public half of the escrow key is no secret.
  if (evidence.authorship !== "own" && !evidence.adoptExisting) {
    return stopped(known === null ? unknownKeys(place) : otherKeys(place));
  }
  if (known !== null && !evidence.adoptExisting) return stopped(otherKeys(place));
  // Keys that nobody here remembers must be the ones described; what a later edit asks for is made by a rekey.
  const difference = differenceOf(record, evidence.wanted);
  const underWay = record.pending !== undefined && makesWanted(record.pending, evidence.wanted);
  return difference === null || underWay ? { kind: "adopt", record } : stopped(otherKeySet(place, difference));
}

/** The very keys of the state, or keys whose record says, and proves, that they came after them. */
function isKnown({ authorship, provesRecords }: InitEvidence, record: KeysRecord, known: string): boolean {
  if (known === record.keysFingerprint) return true;
  // A run may have died after it replaced the keys by consent and before Pulumi saved their fingerprint.
  const follows = known === originOf(record) || known === record.replaces;
  return follows && (authorship === "own" || !provesRecords);
}

/** Vault holds something and its keys are nowhere. */
function keylessVault(evidence: InitEvidence, initialized: readonly SurveyedNode[]): InitDecision {
  const { place, stored, known, allowReinitialize } = evidence;
  const pods = initialized.map(({ pod }) => pod);
  if (stored.kind === "intent" && initialized.every((node) => sameStorage(node, stored.record))) {
    if (initialized.every(({ state }) => state.kind === "sealed")) {
      return allowReinitialize
        ? { kind: "start-over", archive: null, wipe: initialized }
        : stopped(lostInit(place, pods, stored.record));
    }
    // An open node may have been used: somebody holds its keys, whoever that is. One that a seal opens may be unused,
    // but nothing shows that: only a person may say so, by emptying it.
    return stopped(evidence.seal === "shamir" ? foreignVault(place, pods) : lostInit(place, pods, stored.record, true));
  }
  return stopped(known === null ? foreignVault(place, pods) : lostKeys(place, true));
}

/** Every pod answered, and none is initialised. */
function emptyVault(evidence: InitEvidence): InitDecision {
  const { place, survey, stored, known, allowReinitialize, archived } = evidence;
  const [first] = survey;
  if (first === undefined) return { kind: "wait", reasons: ["the target names no pod"] };
  if (stored.kind === "keys") {
    if (!allowReinitialize) return stopped(lostVolume(place, stored.record.initializedAt));
    return archived === stored.record.keysFingerprint
      ? { kind: "initialize", pod: first, replaces: stored.record.keysFingerprint }
      : { kind: "start-over", archive: stored.record, wipe: [] };
  }
  // An intent on other volumes is no obstacle: it never had keys, and these volumes are empty. It is what remains when
  // the volumes of a lost init were wiped by hand.
  const replaces = stored.kind === "intent" ? stored.record.replaces : null;
  if (known !== null && known !== replaces && !allowReinitialize) return stopped(lostKeys(place, false));
  return { kind: "initialize", pod: first, replaces: replaces ?? known };
}

/** A node that stands in the way and that only a person, or consent, may wipe. */
function unusableNode(evidence: InitEvidence): InitDecision | null {
  const { place, survey, stored, allowReinitialize } = evidence;
  const removed = survey.find(({ state }) => state.kind === "removed");
  if (removed !== undefined) return stopped(removedNode(place, removed.pod));
  const broken = survey.filter(({ state }) => state.kind === "broken");
  const [first] = broken;
  if (first?.state.kind !== "broken") return null;
  const ours = stored.kind === "intent" && broken.every((node) => sameStorage(node, stored.record));
  return allowReinitialize && ours
    ? { kind: "start-over", archive: null, wipe: broken }
    : stopped(brokenInit(place, first.pod, first.state.reason));
}

/** The volumes an intent speaks of; for a pod without volumes, the pod itself. */
function sameStorage(node: SurveyedNode, intent: IntentRecord): boolean {
  const recorded = intent.nodes.find(({ pod }) => pod === node.pod);
  if (recorded === undefined) return false;
  const names = Object.keys(recorded.claims);
  // A claim that is gone while its pod runs is still the volume under that pod.
  const same = (name: string): boolean =>
    node.claims[name] === undefined || node.claims[name] === recorded.claims[name];
  return names.length === 0 ? recorded.uid === node.uid : names.every(same);
}

function stopped(fault: ProtocolStop): InitDecision {
  return { kind: "stop", fault };
}
