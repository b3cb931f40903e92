import type { StatefulSet } from "../../kube/kube-objects.ts";
import { awaitCondition } from "../frame/await-condition.ts";
import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import type { Place } from "../stops/runbooks.ts";
import { silentNodes, type Survey, type SurveyedNode, surveyNodes } from "../vault-client/survey.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

/**
 * Waits until every pod is the one the StatefulSet wants and answers: unsealing a pod that is about to be replaced
 * would be work for nothing, and the run would end with a sealed node.
 *
 * A pod of an older revision whose server cannot start, such as one of a release that was taken back, is replaced at
 * once: nobody loses a server by it, and waiting for it would be in vain.
 *
 * @throws ProtocolStop naming what each pod is waiting for, in Kubernetes' own words.
 */
export async function awaitRollout(context: ProtocolContext, target: VaultTarget, place: Place): Promise<Survey> {
  const replaced = new Set<string>();
  return awaitCondition(context, place, context.timings.ready, async () => {
    const statefulSet = await context.kube.readStatefulSet(target.namespace, target.statefulSet);
    const survey = await surveyNodes(surveyArgs(context, target));
    for (const { pod, uid } of stuckPods(statefulSet, survey)) {
      if (uid === null || replaced.has(uid)) continue;
      replaced.add(uid);
      await context.kube.deletePod(target.namespace, pod, uid);
    }
    const missing = [...rolloutReasons(statefulSet, survey), ...silentNodes(survey)];
    return missing.length === 0 ? { found: survey } : { missing };
  });
}

/** What is still to happen before the pods are the wanted ones. Pure. */
export function rolloutReasons(statefulSet: StatefulSet | null, survey: Survey): string[] {
  if (statefulSet === null) return ["the StatefulSet does not exist"];
  const { generation } = statefulSet.metadata;
  const { observedGeneration, updateRevision } = statefulSet.status ?? {};
  if (generation !== undefined && (observedGeneration ?? 0) < generation) {
    return ["the StatefulSet's controller has not seen the change yet"];
  }
  // With OnDelete each pod is replaced later, one at a time, once all the others serve.
  if (statefulSet.spec?.updateStrategy?.type === "OnDelete" || updateRevision === undefined) return [];
  return survey
    .filter(({ revision }) => revision !== null && revision !== updateRevision)
    .map(({ pod }) => `pod ${pod} is of an older revision and not replaced yet`);
}

/** Pods of an older revision that do not serve and never will, unless somebody deletes them. Pure. */
export function stuckPods(statefulSet: StatefulSet | null, survey: Survey): SurveyedNode[] {
  const outdated = outdatedPods(statefulSet, survey);
  return survey.filter(({ pod, state }) => {
    return outdated.includes(pod) && state.kind === "starting" && state.mayServe !== true;
  });
}

/** Pods that are of an older revision than the wanted one and stay so until somebody deletes them. Pure. */
export function outdatedPods(statefulSet: StatefulSet | null, survey: Survey): string[] {
  const { updateRevision } = statefulSet?.status ?? {};
  if (statefulSet?.spec?.updateStrategy?.type !== "OnDelete" || updateRevision === undefined) return [];
  return survey.filter(({ revision }) => revision !== null && revision !== updateRevision).map(({ pod }) => pod);
}
