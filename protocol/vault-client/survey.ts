import type { KubeApi } from "../../kube/kube-client.ts";
import { KubeError } from "../../kube/kube-error.ts";
import type { Pod } from "../../kube/kube-objects.ts";
import type { Clock } from "../frame/clock.ts";
import { podVault } from "./pod-vault.ts";
import { isSealType, type SealType } from "../keys/seal-type.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import type { SealStatus } from "./vault-answers.ts";
import { VaultRefusal, VaultNoAnswer } from "./vault-error.ts";
import { type Health, vaultNode } from "./vault-api.ts";

/** What one Vault node is, seen from outside. */
export type NodeState =
  /** There is no such pod. */
  | { readonly kind: "absent" }
  /** The pod is on its way up or down; the reason is Kubernetes' own. */
  | {
      readonly kind: "starting";
      readonly reason: string;
      /** True while the server's own container runs, so that it may still serve. @default false */
      readonly mayServe?: true;
    }
  /** The pod runs and does not answer, or the caller may not ask it. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly denied: boolean }
  | { readonly kind: "uninitialized" }
  | {
      readonly kind: "sealed";
      readonly shares: number;
      readonly threshold: number;
      readonly progress: number;
      readonly storage: string;
      /** True when its seal opens it, and shares do not. @default false */
      readonly opensByItself?: boolean;
    }
  | {
      readonly kind: "unsealed";
      readonly clusterId: string;
      readonly role: Health;
      /** What keeps its root key. @default shamir */
      readonly seal?: Exclude<SealType, "shamir">;
      readonly shares: number;
      readonly threshold: number;
    }
  /** Taken out of the Raft cluster; its data must be wiped before it may come back. */
  | { readonly kind: "removed" }
  /** Interrupted while initialising: neither usable nor initialisable. */
  | { readonly kind: "broken"; readonly reason: string };

/** One pod as the survey found it. */
export interface SurveyedNode {
  readonly pod: string;
  /** Null while there is no pod. */
  readonly uid: string | null;
  /** UIDs of its volume claims by name. */
  readonly claims: Readonly<Record<string, string>>;
  /** Revision of the StatefulSet the pod was made from. */
  readonly revision: string | null;
  /** Why Services do not route to it, in Kubernetes' own words; null when they do. */
  readonly unready: string | null;
  readonly state: NodeState;
}

/** All pods at one moment. */
export type Survey = readonly SurveyedNode[];

/** What a survey needs. */
export interface SurveyArgs {
  readonly kube: KubeApi;
  readonly clock: Clock;
  readonly target: VaultTarget;
  /** Deadline of each question to each pod, in milliseconds. */
  readonly requestMs: number;
}

/**
 * Asks every pod at the same time. A pod that cannot be asked is a finding, not a failure; the API server not
 * answering is a failure.
 */
export async function surveyNodes(args: SurveyArgs): Promise<Survey> {
  return Promise.all(args.target.pods.map((pod) => surveyNode(args, pod)));
}

/** The pods that answered nothing useful, each with its reason. */
export function silentNodes(survey: Survey): string[] {
  return survey.flatMap(({ pod, state }) => {
    switch (state.kind) {
      case "absent":
        return [`pod ${pod} does not exist`];
      case "starting":
      case "unreachable":
        return [`pod ${pod}: ${state.reason}`];
      case "uninitialized":
      case "sealed":
      case "unsealed":
      case "removed":
      case "broken":
        return [];
    }
  });
}

/** The nodes that say they lead. */
export function leadersOf(survey: Survey): SurveyedNode[] {
  return survey.filter(({ state }) => state.kind === "unsealed" && state.role === "active");
}

/**
 * The node that leads; null when none does. During a network partition, a node that all others have left may go on
 * claiming to lead for a moment: when two claim it, nothing here can tell which one is right.
 */
export function leaderIn(survey: Survey): SurveyedNode | null {
  const [leader, ...others] = leadersOf(survey);
  return others.length === 0 ? (leader ?? null) : null;
}

/** What each node is, for whoever waits for one that leads. */
export function leadershipOf(survey: Survey): string[] {
  return survey.map(({ pod, state }) => {
    if (state.kind !== "unsealed") return `pod ${pod} is ${state.kind}`;
    if (state.role === "active") return `pod ${pod} says it leads`;
    return `pod ${pod} ${state.role === "no-leader" ? "sees no leader" : "is a standby"}`;
  });
}

/** Pods by the cluster they belong to; only unsealed nodes know theirs. */
export function clustersOf(survey: Survey): Record<string, string[]> {
  const clusters: Record<string, string[]> = {};
  for (const { pod, state } of survey) {
    if (state.kind === "unsealed" && state.clusterId !== "") (clusters[state.clusterId] ??= []).push(pod);
  }
  return clusters;
}

async function surveyNode(args: SurveyArgs, name: string): Promise<SurveyedNode> {
  const { kube, target } = args;
  const pod = await kube.readPod(target.namespace, name);
  if (pod === null) {
    return { pod: name, uid: null, claims: {}, revision: null, unready: "there is no pod", state: { kind: "absent" } };
  }
  const [claims, state] = await Promise.all([claimsOf(args, pod), stateOf(args, pod)]);
  const revision = pod.metadata.labels?.["controller-revision-hash"] ?? null;
  return { pod: name, uid: pod.metadata.uid ?? null, claims, revision, unready: unreadyReason(pod), state };
}

function unreadyReason(pod: Pod): string | null {
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True") return null;
  return [ready?.reason ?? "not ready", ready?.message].filter(Boolean).join(": ");
}

async function claimsOf({ kube, target }: SurveyArgs, pod: Pod): Promise<Record<string, string>> {
  const names = (pod.spec?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
  const claims = await Promise.all(names.map((name) => kube.readClaim(target.namespace, name)));
  return Object.fromEntries(
    claims.flatMap((claim) => (claim?.metadata.uid === undefined ? [] : [[claim.metadata.name, claim.metadata.uid]])),
  );
}

async function stateOf(args: SurveyArgs, pod: Pod): Promise<NodeState> {
  const waiting = waitingReason(pod);
  if (waiting !== null) {
    const server = pod.status?.containerStatuses?.find(({ name }) => name === "vault");
    return { kind: "starting", reason: waiting, ...(server?.state?.running !== undefined && { mayServe: true }) };
  }
  const node = vaultNode(podVault(args.kube, args.target, pod.metadata.name), args.clock, {
    request: args.requestMs,
    initialize: args.requestMs,
  });
  try {
    const status = await node.sealStatus();
    if (status.removed_from_cluster === true) return { kind: "removed" };
    if (!status.initialized) return { kind: "uninitialized" };
    if (status.sealed) {
      return {
        kind: "sealed",
        shares: status.n,
        threshold: status.t,
        progress: status.progress,
        storage: status.storage_type,
        // While the root key is moved from one seal to another, it takes shares whatever the seals are.
        ...(status.recovery_seal && !status.migration && { opensByItself: true }),
      };
    }
    const role = await node.health();
    const { n: shares, t: threshold, cluster_id: clusterId = "" } = status;
    return role === "removed"
      ? { kind: "removed" }
      : { kind: "unsealed", clusterId, role, shares, threshold, ...sealOfStatus(status) };
  } catch (error) {
    return stateOfFault(error);
  }
}

/** Kinds that this project cannot set are left to others, and count as none. */
function sealOfStatus({ type }: SealStatus): { readonly seal?: Exclude<SealType, "shamir"> } {
  return isSealType(type) && type !== "shamir" ? { seal: type } : {};
}

function stateOfFault(error: unknown): NodeState {
  if (error instanceof VaultRefusal) {
    if (error.says("removed from")) return { kind: "removed" };
    if (error.says("no seal configuration")) return { kind: "broken", reason: error.message };
    return { kind: "unreachable", reason: error.message, denied: false };
  }
  if (error instanceof VaultNoAnswer) {
    const denied =
      error.cause instanceof KubeError && (error.cause.kind === "forbidden" || error.cause.kind === "unauthorized");
    return { kind: "unreachable", reason: error.message, denied };
  }
  throw error;
}

/** Why the pod does not run, in Kubernetes' own words; null when it does. Pure. */
export function waitingReason(pod: Pod): string | null {
  if (pod.metadata.deletionTimestamp !== undefined) return "terminating";
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const status of statuses) {
    const waiting = status.state?.waiting;
    if (waiting?.reason !== undefined && waiting.reason !== "PodInitializing") {
      return `container ${status.name}: ${[waiting.reason, waiting.message].filter(Boolean).join(": ")}`;
    }
  }
  if (pod.status?.phase === "Running") {
    const containers = pod.status.containerStatuses ?? [];
    const running = containers.length > 0 && containers.every((status) => status.state?.running !== undefined);
    return running ? null : "not every container of it is running";
  }
  const blocked = pod.status?.conditions?.find(
    (condition) => condition.type === "PodScheduled" && condition.status === "False",
  );
  if (blocked !== undefined) return `${blocked.reason ?? "not scheduled"}: ${blocked.message ?? "no reason given"}`;
  return pod.status?.phase ?? "Pending";
}
