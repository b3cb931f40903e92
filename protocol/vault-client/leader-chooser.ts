import type { KubeApi } from "../../kube/kube-client.ts";
import type { PodPort } from "../../kube/pod-stream.ts";
import { wallClock } from "../frame/clock.ts";
import { leaderIn, surveyNodes } from "./survey.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

/** How long an answer counts: a burst of connections asks once, and a lost leader is noticed at the next attempt. */
const freshMs = 500;
const requestMs = 2_000;

/**
 * Chooses the pod that answers for the whole Vault: the only one, or the one that leads now.
 * @param kube API of the cluster the pods live in.
 * @returns What a tunnel asks for each connection. It answers null while no server leads.
 */
export function leaderChooser(kube: KubeApi, target: VaultTarget): () => Promise<PodPort | null> {
  const { namespace, port, pods } = target;
  const [only] = pods;
  if (only !== undefined && pods.length === 1) return () => Promise.resolve({ namespace, pod: only, port });
  let asked = { at: 0, answer: Promise.resolve<PodPort | null>(null) };
  const ask = async (): Promise<PodPort | null> => {
    const survey = await surveyNodes({ kube, clock: wallClock, target, requestMs });
    const leader = leaderIn(survey);
    return leader === null ? null : { namespace, pod: leader.pod, port };
  };
  return () => {
    const now = wallClock.now();
    if (now - asked.at > freshMs) asked = { at: now, answer: ask() };
    return asked.answer;
  };
}
