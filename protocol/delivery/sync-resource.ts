/**
 * `delivery:Sync` for Pulumi: check → pure; create, update → wait until the operator has done what the custom resource asks
 * for; diff → pure; read → gone with the custom resource; delete → nothing, since the custom resource is deleted next.
 */
import type { dynamic } from "@pulumi/pulumi";
import type { KubeApi } from "../../kube/kube-client.ts";
import type { CustomObject } from "../../kube/kube-objects.ts";
import { type Clock, wallClock } from "../frame/clock.ts";
import { Faults } from "../frame/faults.ts";
import { withoutProvider } from "../frame/partial-failure.ts";
import type { SerializedProvider } from "../types.ts";
import { changedProperties } from "../frame/unknown.ts";
import { awaitNothingMissing } from "./await-nothing-missing.ts";
import { connect } from "./shared-connection.ts";
import { syncState, warnings } from "./sync-state.ts";

/** What is awaited. */
export interface SyncInputs extends SerializedProvider {
  readonly kubeContext: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Identity of the custom resource: one made anew is awaited anew. */
  readonly uid: string;
  /** Changes with the spec. */
  readonly generation: number;
  readonly timeoutSeconds: number;
}

/** The inputs, and that what they ask for has happened. */
export interface SyncOutputs extends SyncInputs {
  readonly synced: true;
}

/** Every fault of the inputs at once; nothing is contacted. */
export function check(_olds: SyncInputs, news: SyncInputs): Promise<dynamic.CheckResult<SyncInputs>> {
  const faults = new Faults();
  for (const property of ["kubeContext", "apiVersion", "kind", "namespace", "name", "uid"] as const) {
    faults.text(property, news[property]);
  }
  faults.integer("generation", news.generation, 1, Number.MAX_SAFE_INTEGER);
  faults.integer("timeoutSeconds", news.timeoutSeconds, 1, Number.MAX_SAFE_INTEGER);
  return Promise.resolve({ inputs: news, failures: [...faults.list] });
}

/** An update when the custom resource is another one, or asks for something else. */
export function diff(_id: string, olds: SyncOutputs, news: SyncInputs): Promise<dynamic.DiffResult> {
  // How to reach the cluster and how long to wait is no reason to wait again.
  const changed = changedProperties<SyncInputs>(olds, news, ["kind", "namespace", "name", "uid", "generation"]);
  return Promise.resolve({ changes: changed.length > 0 });
}

/** Waits for the operator. */
export async function create(inputs: SyncInputs): Promise<dynamic.CreateResult<SyncOutputs>> {
  const outs = await awaitSync(await connect(inputs.kubeContext), wallClock, inputs);
  return { id: `${inputs.kind}/${inputs.namespace}/${inputs.name}`, outs };
}

/** The same as {@link create}. */
export async function update(
  _id: string,
  _olds: SyncOutputs,
  news: SyncInputs,
): Promise<dynamic.UpdateResult<SyncOutputs>> {
  return { outs: await awaitSync(await connect(news.kubeContext), wallClock, news) };
}

/**
 * Whether the custom resource is still there.
 *
 * @throws when the API server does not answer.
 */
export async function read(id: string, props: SyncOutputs): Promise<dynamic.ReadResult<SyncOutputs>> {
  const live = await find(await connect(props.kubeContext), props);
  // An empty id tells the engine that the resource is gone.
  return live === null ? { id: "", props } : { id, props };
}

/** Nothing to do. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

/**
 * Looks at the custom resource until it is synced.
 *
 * @throws with the operator's own words when time is up.
 */
export async function awaitSync(kube: KubeApi, clock: Clock, inputs: SyncInputs): Promise<SyncOutputs> {
  const { kind, namespace, name, timeoutSeconds } = inputs;
  await awaitNothingMissing(clock, {
    timeoutSeconds,
    look: () => lookAt(kube, inputs),
    explain: async (reasons) =>
      [
        `${kind} ${namespace}/${name}: must be synced within ${timeoutSeconds} s, got:`,
        ...[...reasons, ...(await operatorWarnings(kube, inputs))].map((reason) => `  ${reason}`),
        "The operator goes on trying; see docs/operations.md#a-secret-is-not-synced and run `up` again",
      ].join("\n"),
  });
  return { ...withoutProvider(inputs), synced: true };
}

/** Why it is not synced; nothing when it is. */
async function lookAt(kube: KubeApi, inputs: SyncInputs): Promise<readonly string[]> {
  const live = await find(kube, inputs);
  if (live === null) return ["it is gone, or another one has its name"];
  const state = syncState(live);
  return state.synced ? [] : state.reasons;
}

async function find(kube: KubeApi, inputs: SyncInputs): Promise<CustomObject | null> {
  const { apiVersion, kind, namespace, name, uid } = inputs;
  const live = await kube.readCustomObject({ apiVersion, plural: `${kind.toLowerCase()}s` }, namespace, name);
  return live?.metadata.uid === uid ? live : null;
}

async function operatorWarnings(kube: KubeApi, { namespace, uid }: SyncInputs): Promise<string[]> {
  // They explain; without them the failure is still the failure.
  const events = await kube.readEvents(namespace, uid).catch(() => []);
  return warnings(events).slice(0, 2);
}
