import { awaitCondition } from "../frame/await-condition.ts";
import { lostQuorum } from "../stops/cluster-stops.ts";
import { KubeError } from "../../kube/kube-error.ts";
import { asClosedSeal, awaitOpening, sealInUse } from "./auto-unseal.ts";
import { openKeyring } from "../keys/escrow.ts";
import { candidateSets } from "../keys/key-set.ts";
import { type KeysRecord, sealOf } from "../keys/keys-record.ts";
import { readKeys, writeKeys } from "../keys/keys-secret.ts";
import { placeOf, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { replaceOutdated } from "./replace-outdated.ts";
import { unchanged } from "../keys/record-proof.ts";
import { awaitRollout } from "./rollout.ts";
import { openShares } from "../keys/shares.ts";
import { runSteps, type Step } from "../frame/steps.ts";
import { clustersOf, type NodeState, type Survey, type SurveyedNode, surveyNodes } from "../vault-client/survey.ts";
import type { UnsealInputs } from "./unseal-properties.ts";
import { hasLostQuorum, judgeNodes, serving, unreadyLeaders } from "./unseal-judgement.ts";
import { unsealNode } from "./unseal-node.ts";
import type { UnsealRun } from "./unseal-run.ts";

/** The steps in order; each may be repeated, and a run that finds its work done does nothing. */
export const unsealSteps: readonly Step<UnsealRun>[] = [
  { name: "await-rollout", run: lookAtNodes },
  { name: "read-keys", run: readOwnKeys },
  { name: "open-shares", applies: takesShares, run: openOwnShares },
  // Nodes that hold data first: the others can only join a leader.
  { name: "unseal-holders", applies: takesShares, run: (run) => unsealAll(run) },
  { name: "await-joiners", applies: hasJoiners, run: awaitJoiners },
  { name: "unseal-joiners", applies: (run) => run.joining && !opensByItself(run), run: (run) => unsealAll(run) },
  { name: "await-serving", run: awaitServing },
  { name: "record-cluster", applies: ({ record }) => record?.clusterId === null, run: recordCluster },
  { name: "replace-outdated", run: (run) => replaceOutdated(run, () => openOwnShares(run)) },
  { name: "record-seal", applies: isMoved, run: recordSeal },
  // Only now can clients that come through a Service use what was unsealed.
  { name: "await-ready", run: (run) => awaitNodes(run, (survey) => [...serving(survey), ...unreadyLeaders(survey)]) },
];

/**
 * Brings every node to unsealed, in one cluster, with a leader that Services route to.
 *
 * @returns the identity of that cluster.
 * @throws ProtocolStop when shares are missing, wrong or not for this Vault.
 */
export async function runUnseal(context: ProtocolContext, inputs: UnsealInputs): Promise<string> {
  const place = placeOf(inputs.target, inputs.keysSecret);
  const run: UnsealRun = {
    context,
    inputs,
    place,
    survey: [],
    record: null,
    version: null,
    sets: [],
    joining: false,
    clusterId: "",
  };
  await runSteps("unseal", unsealSteps, run, context.observe);
  return run.clusterId;
}

/** True when the seal opens each node: shares open nothing then. */
function opensByItself({ record, survey }: UnsealRun): boolean {
  return record !== null && sealOf(record) !== "shamir" && !survey.some(({ state }) => needsShares(state));
}

function takesShares(run: UnsealRun): boolean {
  return run.survey.some(({ state }) => needsShares(state)) || (hasJoiners(run) && !opensByItself(run));
}

function needsShares(state: NodeState): boolean {
  return state.kind === "sealed" && state.opensByItself !== true;
}

/** Nodes of a Raft cluster that have no data yet; they turn into sealed ones by joining. */
function hasJoiners({ survey }: UnsealRun): boolean {
  return survey.some(({ state }) => state.kind === "uninitialized");
}

async function lookAtNodes(run: UnsealRun): Promise<undefined> {
  const { context, inputs, place } = run;
  try {
    run.survey = await awaitRollout(context, inputs.target, place);
  } catch (error) {
    // A server that cannot reach its seal exits again and again, so nothing could be asked of it.
    const stored = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
    throw stored.parsed.kind === "keys" ? asClosedSeal(error, place, sealOf(stored.parsed.record)) : error;
  }
}

async function readOwnKeys(run: UnsealRun): Promise<undefined> {
  const { context, inputs } = run;
  const stored = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
  const parsed = unchanged(stored.parsed, await openKeyring(inputs));
  run.record = judgeNodes(run.place, run.survey, parsed, inputs.keysFingerprint);
  run.version = stored.resourceVersion;
}

async function openOwnShares(run: UnsealRun): Promise<undefined> {
  if (run.record !== null) {
    const keyring = await openKeyring(run.inputs);
    run.sets = await Promise.all(
      candidateSets(run.record).map(async (set) => ({ set, opened: await openShares(keyring, set, run.place) })),
    );
  }
}

async function unsealAll(run: UnsealRun): Promise<undefined | { goTo: string }> {
  const { context, inputs, place, sets } = run;
  const sealed = run.survey.filter(({ state }) => needsShares(state));
  const outcomes = await Promise.allSettled(
    sealed.map((node) => unsealNode(context, inputs.target, place, node, sets)),
  );
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
  const replaced = outcomes.some((outcome) => outcome.status === "fulfilled" && !outcome.value);
  return replaced ? { goTo: "await-rollout" } : undefined;
}

async function awaitJoiners(run: UnsealRun): Promise<undefined> {
  const { context, inputs, place } = run;
  run.joining = true;
  const deadline = context.clock.now() + context.timings.serve;
  run.survey = await awaitCondition(context, place, context.timings.serve, async () => {
    const survey = await surveyNodes(surveyArgs(context, inputs.target));
    if (context.clock.now() >= deadline && hasLostQuorum(survey)) {
      const [empty, holding] = partition(survey, ({ state }) => state.kind === "uninitialized");
      throw lostQuorum(place, empty, holding);
    }
    const pending = survey.filter(({ state }) => state.kind === "uninitialized");
    const missing = pending.map(({ pod }) => `pod ${pod} has not found a leader to join`);
    return missing.length === 0 ? { found: survey } : { missing };
  });
}

function partition(survey: Survey, isIn: (node: SurveyedNode) => boolean): [string[], string[]] {
  const names = (nodes: Survey): string[] => nodes.map(({ pod }) => pod);
  return [names(survey.filter(isIn)), names(survey.filter((node) => !isIn(node)))];
}

async function awaitServing(run: UnsealRun): Promise<undefined | { goTo: string }> {
  const next = await awaitNodes(run, serving);
  run.clusterId = Object.keys(clustersOf(run.survey))[0] ?? "";
  return next;
}

/** Looks at the nodes until nothing is missing, and goes back when one has to be unsealed again. */
async function awaitNodes(
  run: UnsealRun,
  missingIn: (survey: Survey) => string[],
): Promise<undefined | { goTo: string }> {
  const { context, inputs, place, record } = run;
  if (record !== null && opensByItself(run)) {
    run.survey = await awaitOpening({ context, target: inputs.target, place, seal: sealOf(record) }, missingIn);
    return undefined;
  }
  run.survey = await awaitCondition(context, place, context.timings.serve, async () => {
    const survey = await surveyNodes(surveyArgs(context, inputs.target));
    const missing = missingIn(survey);
    return missing.length === 0 || hasRestarted(survey) ? { found: survey } : { missing };
  });
  return hasRestarted(run.survey) ? { goTo: "await-rollout" } : undefined;
}

/** A pod that restarted meanwhile is sealed again, and wants its shares again. */
function hasRestarted(survey: Survey): boolean {
  return survey.some(({ state }) => state.kind === "sealed" || state.kind === "starting" || state.kind === "absent");
}

/** Binds the keys to the cluster they opened, so that another cluster on volumes of the same names is noticed. */
async function recordCluster(run: UnsealRun): Promise<undefined> {
  await writeRecord(run, { clusterId: run.clusterId });
}

/** True when the root key was moved to another seal and the keys do not say so yet. */
function isMoved({ record, survey }: UnsealRun): boolean {
  const seal = sealInUse(survey);
  return record !== null && seal !== null && seal !== sealOf(record);
}

/** Records that the keys are recovery shares now, or that they open nodes again. */
async function recordSeal(run: UnsealRun): Promise<undefined> {
  const seal = sealInUse(run.survey);
  await writeRecord(run, { seal: seal === null || seal === "shamir" ? undefined : seal });
}

async function writeRecord(run: UnsealRun, change: Partial<KeysRecord>): Promise<void> {
  const { context, inputs, record, version } = run;
  if (record === null) return;
  try {
    run.record = { ...record, ...change };
    const at = { kube: context.kube, namespace: inputs.target.namespace, name: inputs.keysSecret };
    run.version = await writeKeys(at, run.record, version, (await openKeyring(inputs)).current);
  } catch (error) {
    // Somebody wrote in between; the next run does it.
    if (!(error instanceof KubeError && error.kind === "conflict")) throw error;
  }
}
