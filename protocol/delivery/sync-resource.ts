/**
 * `delivery:Sync` for Pulumi: check → pure; create, update → wait until the operator has done what the custom resource
 * asks for; diff → pure; read → gone with the custom resource; delete → nothing, since the custom resource is deleted
 * next.
 */
import type { KubeApi } from "../../kube/kube-client.ts";
import type { CustomObject } from "../../kube/kube-objects.ts";
import { type Clock, wallClock } from "../frame/clock.ts";
import type { SerializedProvider } from "../frame/protocol-module.ts";
import { awaitNothingMissing } from "../frame/await-nothing-missing.ts";
import { connect } from "./shared-connection.ts";
import { syncState, warnings } from "./sync-state.ts";
import { defineResource } from "../frame/resource-frame.ts";

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

/** Waits for the operator. A change in how to reach the cluster or how long to wait is no reason to wait again. */
export const { check, diff, create, update, read, delete_ } = defineResource<KubeApi, SyncInputs, SyncOutputs>({
  inside: async ({ kubeContext }, work) => work(await connect(kubeContext)),
  idOf: ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`,
  faults: (faults, inputs) => {
    const names = ["kubeContext", "apiVersion", "kind", "namespace", "name", "uid"] as const;
    for (const name of names) faults.text(name, inputs[name]);
    faults.integer("generation", inputs.generation, 1, Number.MAX_SAFE_INTEGER);
    faults.integer("timeoutSeconds", inputs.timeoutSeconds, 1, Number.MAX_SAFE_INTEGER);
  },
  compared: ["kind", "namespace", "name", "uid", "generation"],
  reconcile: (kube, inputs) => awaitSync(kube, wallClock, inputs),
  look: async (kube, props) => ((await find(kube, props)) === null ? null : {}),
});

/**
 * Looks at the custom resource until it is synced.
 *
 * @throws with the operator's own words when time is up.
 */
export async function awaitSync(kube: KubeApi, clock: Clock, inputs: SyncInputs): Promise<{ synced: true }> {
  const { kind, namespace, name, timeoutSeconds } = inputs;
  await awaitNothingMissing(clock, {
    timeoutSeconds,
    look: () => lookAt(kube, inputs),
    explain: async (reasons) =>
      [
        `${kind} ${namespace}/${name}: must be synced within ${timeoutSeconds} s, got:`,
        ...[...reasons, ...(await operatorWarnings(kube, inputs))].map((reason) => `  ${reason}`),
        "The operator goes on trying; see docs/guides/delivered-secrets.md#a-secret-is-not-synced and run `up` again",
      ].join("\n"),
  });
  return { synced: true };
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
