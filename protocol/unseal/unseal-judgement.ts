import { candidateSets, type KeySet, originOf } from "../keys/key-set.ts";
import type { KeysRecord, ParsedRecord } from "../keys/keys-record.ts";
import {
  lostVolume,
  brokenInit,
  damagedKeys,
  lostKeys,
  otherKeys,
  type Place,
  removedNode,
  wrongShares,
} from "../stops/runbooks.ts";
import { twoClusters } from "../stops/cluster-stops.ts";
import { clustersOf, leadersOf, type Survey } from "../vault-client/survey.ts";

/**
 * The keys to unseal these nodes with. Pure.
 *
 * @param keysFingerprint of the keys Vault was initialised with.
 * @throws ProtocolStop when the keys or a node must be looked at by a person.
 */
export function judgeNodes(place: Place, survey: Survey, stored: ParsedRecord, keysFingerprint: string): KeysRecord {
  if (stored.kind === "damaged") throw damagedKeys(place, stored.faults);
  if (stored.kind !== "keys") {
    throw lostKeys(
      place,
      survey.some(({ state }) => state.kind !== "uninitialized"),
    );
  }
  const { record } = stored;
  if (originOf(record) !== keysFingerprint) throw otherKeys(place);
  for (const { pod, state } of survey) {
    if (state.kind === "removed") throw removedNode(place, pod);
    if (state.kind === "broken") throw brokenInit(place, pod, state.reason);
    const takesShares = state.kind === "sealed" && state.opensByItself !== true;
    if (takesShares && !candidateSets(record).some((set) => fitsNode(set, state))) throw wrongShares(place, pod);
  }
  if (survey.every(({ state }) => state.kind === "uninitialized")) throw lostVolume(place, record.initializedAt);
  const clusters = clustersOf(survey);
  const expected = record.clusterId ?? Object.keys(clusters)[0];
  if (expected !== undefined && Object.keys(clusters).some((id) => id !== expected)) {
    const own =
      record.clusterId === null ? null : { clusterId: record.clusterId, by: `the keys in Secret ${place.keysSecret}` };
    throw twoClusters(place, clusters, own);
  }
  return record;
}

/** Whether a node asks for as many shares as there are in this set. Pure. */
export function fitsNode(set: KeySet, node: { readonly shares: number; readonly threshold: number }): boolean {
  return set.secretShares === node.shares && set.secretThreshold === node.threshold;
}

/**
 * Why Services do not route to the leader yet; empty when they do. A standby may be unready for good: whether it takes
 * requests depends on its probe. Pure.
 */
export function unreadyLeaders(survey: Survey): string[] {
  return survey.flatMap(({ pod, state, unready }) =>
    state.kind === "unsealed" && state.role === "active" && unready !== null ? [`pod ${pod}: ${unready}`] : [],
  );
}

/** What is missing until the cluster serves; empty when it does. Pure. */
export function serving(survey: Survey): string[] {
  const reasons = survey.flatMap(({ pod, state }) =>
    state.kind === "unsealed" ? [] : [`pod ${pod} is ${state.kind}`],
  );
  if (reasons.length > 0) return reasons;
  const leaders = leadersOf(survey).map(({ pod }) => pod);
  if (leaders.length !== 1) {
    return [
      leaders.length === 0 ? "no node leads yet" : `${leaders.length} nodes say they lead: ${leaders.join(", ")}`,
    ];
  }
  const lost = survey.filter(
    ({ state }) => state.kind === "unsealed" && (state.role === "no-leader" || state.clusterId === ""),
  );
  if (lost.length > 0) return lost.map(({ pod }) => `pod ${pod} does not see its leader yet`);
  return Object.keys(clustersOf(survey)).length === 1 ? [] : ["the nodes are not in one cluster"];
}

/**
 * Whether more than half of the nodes are empty while those with data have no leader: they wait for votes that nobody
 * can give. Right after initialising most are empty too, but then the one with data leads. Pure.
 */
export function hasLostQuorum(survey: Survey): boolean {
  const empty = survey.filter(({ state }) => state.kind === "uninitialized");
  return leadersOf(survey).length === 0 && empty.length > survey.length / 2 && empty.length < survey.length;
}
