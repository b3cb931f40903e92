/**
 * `delivery:RolloutTargets` for Pulumi: check → pure; create, update → wait until every workload that a secret restarts is
 * there; diff → pure; read → gone with the first of them; delete → nothing.
 */
import type { dynamic } from "@pulumi/pulumi";
import type { KubeApi } from "../../kube/kube-client.ts";
import type { CustomKind } from "../../kube/kube-objects.ts";
import { type Clock, wallClock } from "../frame/clock.ts";
import { Faults } from "../frame/faults.ts";
import { withoutProvider } from "../frame/partial-failure.ts";
import type { SerializedProvider } from "../types.ts";
import { changedProperties } from "../frame/unknown.ts";
import { awaitNothingMissing } from "./await-nothing-missing.ts";
import { connect } from "./shared-connection.ts";

/** What is awaited. */
export interface RolloutTargetsInputs extends SerializedProvider {
  readonly kubeContext: string;
  /** Kind and name of the custom resource, for the error. */
  readonly secret: string;
  readonly namespace: string;
  readonly targets: readonly { readonly kind: string; readonly name: string }[];
  readonly timeoutSeconds: number;
}

/** The inputs, and that every workload was there. */
export interface RolloutTargetsOutputs extends RolloutTargetsInputs {
  readonly found: true;
}

const KINDS: Readonly<Record<string, CustomKind>> = {
  Deployment: { apiVersion: "apps/v1", plural: "deployments" },
  DaemonSet: { apiVersion: "apps/v1", plural: "daemonsets" },
  StatefulSet: { apiVersion: "apps/v1", plural: "statefulsets" },
  "argo.Rollout": { apiVersion: "argoproj.io/v1alpha1", plural: "rollouts" },
};

/** Every fault of the inputs at once; nothing is contacted. */
export function check(
  _olds: RolloutTargetsInputs,
  news: RolloutTargetsInputs,
): Promise<dynamic.CheckResult<RolloutTargetsInputs>> {
  const faults = new Faults();
  for (const property of ["kubeContext", "secret", "namespace"] as const) faults.text(property, news[property]);
  const { targets } = news;
  faults.expect("targets", targets, Array.isArray(targets) && targets.length > 0, "hold at least one workload");
  faults.integer("timeoutSeconds", news.timeoutSeconds, 1, Number.MAX_SAFE_INTEGER);
  return Promise.resolve({ inputs: news, failures: [...faults.list] });
}

/** An update when other workloads are to be restarted. */
export function diff(
  _id: string,
  olds: RolloutTargetsOutputs,
  news: RolloutTargetsInputs,
): Promise<dynamic.DiffResult> {
  return Promise.resolve({
    changes: changedProperties<RolloutTargetsInputs>(olds, news, ["namespace", "targets"]).length > 0,
  });
}

/** Waits for the workloads. */
export async function create(inputs: RolloutTargetsInputs): Promise<dynamic.CreateResult<RolloutTargetsOutputs>> {
  const outs = await awaitTargets(await connect(inputs.kubeContext), wallClock, inputs);
  return { id: `${inputs.namespace}/${inputs.secret}`, outs };
}

/** The same as {@link create}. */
export async function update(
  _id: string,
  _olds: RolloutTargetsOutputs,
  news: RolloutTargetsInputs,
): Promise<dynamic.UpdateResult<RolloutTargetsOutputs>> {
  return { outs: await awaitTargets(await connect(news.kubeContext), wallClock, news) };
}

/**
 * Whether every workload is still there.
 *
 * @throws when the API server does not answer.
 */
export async function read(
  id: string,
  props: RolloutTargetsOutputs,
): Promise<dynamic.ReadResult<RolloutTargetsOutputs>> {
  // An empty id tells the engine that the resource is gone: the next run looks for the workloads again.
  return (await missing(await connect(props.kubeContext), props)).length === 0 ? { id, props } : { id: "", props };
}

/** Nothing to do. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

/**
 * Looks until every workload is there; the same run may be about to make it.
 *
 * @throws with the names of what is missing when time is up.
 */
export async function awaitTargets(
  kube: KubeApi,
  clock: Clock,
  inputs: RolloutTargetsInputs,
): Promise<RolloutTargetsOutputs> {
  await awaitNothingMissing(clock, {
    timeoutSeconds: inputs.timeoutSeconds,
    look: () => missing(kube, inputs),
    explain: (absent) => missingText(inputs, absent),
  });
  return { ...withoutProvider(inputs), found: true };
}

function missingText({ secret, namespace, timeoutSeconds }: RolloutTargetsInputs, absent: readonly string[]): string {
  return [
    `rolloutRestart of ${secret} in ${namespace}: must name workloads that are there within ${timeoutSeconds} s, got:`,
    ...absent.map((text) => `  ${text}`),
    "The operator restarts nothing then, and tells it in an event only; correct the name or create the workload, and run `up` again",
  ].join("\n");
}

async function missing(kube: KubeApi, { namespace, targets }: RolloutTargetsInputs): Promise<string[]> {
  const looks = targets.map(async ({ kind, name }) => {
    const found = await kube.readCustomObject(KINDS[kind] ?? kindOf(kind), namespace, name);
    return found === null ? [`no ${kind} ${name}`] : [];
  });
  return (await Promise.all(looks)).flat();
}

function kindOf(kind: string): never {
  throw new Error(`rolloutRestart: must be of ${Object.keys(KINDS).join(", ")}, got ${kind}`);
}
