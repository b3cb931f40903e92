/**
 * `delivery:RolloutTargets` for Pulumi: check → pure; create, update → wait until every workload that a secret restarts
 * is there; diff → pure; read → gone with the first of them; delete → nothing.
 */
import type { KubeApi } from "../../kube/kube-client.ts";
import type { CustomKind } from "../../kube/kube-objects.ts";
import { type Clock, wallClock } from "../frame/clock.ts";
import type { SerializedProvider } from "../frame/protocol-module.ts";
import { awaitNothingMissing } from "../frame/await-nothing-missing.ts";
import { connect } from "./shared-connection.ts";
import { defineResource } from "../frame/resource-frame.ts";

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

const knownKinds: Readonly<Record<string, CustomKind>> = {
  Deployment: { apiVersion: "apps/v1", plural: "deployments" },
  DaemonSet: { apiVersion: "apps/v1", plural: "daemonsets" },
  StatefulSet: { apiVersion: "apps/v1", plural: "statefulsets" },
  "argo.Rollout": { apiVersion: "argoproj.io/v1alpha1", plural: "rollouts" },
};

/** Waits for the workloads. When one of them is gone, the next run looks for them again. */
export const { check, diff, create, update, read, delete_ } = defineResource<
  KubeApi,
  RolloutTargetsInputs,
  RolloutTargetsOutputs
>({
  inside: async ({ kubeContext }, work) => work(await connect(kubeContext)),
  idOf: ({ namespace, secret }) => `${namespace}/${secret}`,
  faults: (faults, inputs) => {
    for (const property of ["kubeContext", "secret", "namespace"] as const) faults.text(property, inputs[property]);
    const { targets } = inputs;
    faults.expect("targets", targets, Array.isArray(targets) && targets.length > 0, "hold at least one workload");
    faults.integer("timeoutSeconds", inputs.timeoutSeconds, 1, Number.MAX_SAFE_INTEGER);
  },
  compared: ["namespace", "targets"],
  reconcile: (kube, inputs) => awaitTargets(kube, wallClock, inputs),
  look: async (kube, props) => ((await missing(kube, props)).length === 0 ? {} : null),
});

/**
 * Looks until every workload is there; the same run may be about to make it.
 *
 * @throws with the names of what is missing when time is up.
 */
export async function awaitTargets(
  kube: KubeApi,
  clock: Clock,
  inputs: RolloutTargetsInputs,
): Promise<{ found: true }> {
  await awaitNothingMissing(clock, {
    timeoutSeconds: inputs.timeoutSeconds,
    look: () => missing(kube, inputs),
    explain: (absent) => missingText(inputs, absent),
  });
  return { found: true };
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
    const found = await kube.readCustomObject(knownKinds[kind] ?? kindOf(kind), namespace, name);
    return found === null ? [`no ${kind} ${name}`] : [];
  });
  return (await Promise.all(looks)).flat();
}

function kindOf(kind: string): never {
  throw new Error(`rolloutRestart: must be of ${Object.keys(knownKinds).join(", ")}, got ${kind}`);
}
