import { awaitCondition } from "../frame/await-condition.ts";
import { podVault } from "../vault-client/pod-vault.ts";
import { surveyArgs } from "../frame/protocol-context.ts";
import { outdatedPods } from "./rollout.ts";
import { leaderIn, silentNodes, type Survey, type SurveyedNode, surveyNodes } from "../vault-client/survey.ts";
import type { UnsealRun } from "./unseal-run.ts";
import { serving } from "./unseal-judgement.ts";
import { unsealNode } from "./unseal-node.ts";
import { vaultNode } from "../vault-client/vault-api.ts";
import { VaultNoAnswer } from "../vault-client/vault-error.ts";

/**
 * Replaces the pods of an older revision one after the other, standbys first and the leader last, which steps down when
 * it is told to terminate. The next one is touched only when the one before is unsealed and has all that the leader has
 * written: so at most one is away, and the next run continues where a run that ended in between left off.
 *
 * @param openShares gives the run its shares; called only when there is something to unseal.
 */
export async function replaceOutdated(run: UnsealRun, openShares: () => Promise<unknown>): Promise<undefined> {
  for (;;) {
    const node = await nextOutdated(run);
    if (node === null) return;
    if (run.sets.length === 0) await openShares();
    await run.context.kube.deletePod(run.inputs.target.namespace, node.pod, node.uid ?? "");
    await unsealSuccessor(run, node);
    await awaitCaughtUp(run, node.pod);
  }
}

/** Of the outdated pods, the one to replace next: the last standby, and the leader only when no other is left. Pure. */
export function nextToReplace(survey: Survey, outdated: readonly string[]): SurveyedNode | null {
  const candidates = survey.filter(({ pod }) => outdated.includes(pod));
  const standbys = candidates.filter(({ state }) => !(state.kind === "unsealed" && state.role === "active"));
  return standbys.at(-1) ?? candidates[0] ?? null;
}

async function nextOutdated({ context, inputs }: UnsealRun): Promise<SurveyedNode | null> {
  const { namespace, statefulSet } = inputs.target;
  const wanted = await context.kube.readStatefulSet(namespace, statefulSet);
  const survey = await surveyNodes(surveyArgs(context, inputs.target));
  return nextToReplace(survey, outdatedPods(wanted, survey));
}

/** Unseals the pod that took the place of another, again whenever it is replaced meanwhile. */
async function unsealSuccessor(run: UnsealRun, old: SurveyedNode): Promise<void> {
  const { context, inputs, place, sets } = run;
  for (;;) {
    const successor = await awaitCondition(context, place, context.timings.ready, async () => {
      const survey = await surveyNodes(surveyArgs(context, inputs.target));
      const found = survey.find(({ pod }) => pod === old.pod);
      const answers = found !== undefined && silentNodes([found]).length === 0 && found.uid !== old.uid;
      const isReady = answers && found.state.kind !== "uninitialized";
      return isReady ? { found } : { missing: [`pod ${old.pod} has not come back`, ...silentNodes(survey)] };
    });
    if (successor.state.kind !== "sealed" || (await unsealNode(context, inputs.target, place, successor, sets))) return;
  }
}

/** Waits until all serve and this one has what its leader had written when it came back. */
async function awaitCaughtUp(run: UnsealRun, pod: string): Promise<void> {
  const { context, inputs, place } = run;
  let goal: number | null = null;
  run.survey = await awaitCondition(context, place, context.timings.serve, async () => {
    const survey = await surveyNodes(surveyArgs(context, inputs.target));
    const missing = serving(survey);
    if (missing.length > 0) return { missing };
    goal ??= await indexOf(run, leaderIn(survey)?.pod ?? "", "raft_committed_index");
    const reached = await indexOf(run, pod, "raft_applied_index");
    return goal !== null && reached !== null && reached >= goal
      ? { found: survey }
      : { missing: [`pod ${pod} is at entry ${reached ?? "?"} of ${goal ?? "?"}`] };
  });
}

/** Null when it does not answer now. */
async function indexOf(
  { context, inputs }: UnsealRun,
  pod: string,
  index: "raft_committed_index" | "raft_applied_index",
): Promise<number | null> {
  const node = vaultNode(podVault(context.kube, inputs.target, pod), context.clock, context.timings.vault);
  try {
    return (await node.leaderStatus())[index];
  } catch (error) {
    if (error instanceof VaultNoAnswer) return null;
    throw error;
  }
}
