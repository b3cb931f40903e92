/**
 * `vault:Departure` for Pulumi: check → pure; create, update → take surplus servers out of the cluster; diff → count the
 * pods; read → see that the cluster answers; delete → nothing, since a Vault that goes as a whole keeps no quorum.
 */
import type { dynamic } from "@pulumi/pulumi";
import { findLeaving, runDeparture } from "./departure-protocol.ts";
import { escrowFaults } from "../keys/escrow.ts";
import { type Fault, Faults } from "../frame/faults.ts";
import { glance } from "../frame/glance.ts";
import { resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { openContext, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { DepartureInputs, DepartureOutputs } from "../types.ts";
import { changedProperties } from "../frame/unknown.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export async function check(
  _olds: DepartureInputs,
  news: DepartureInputs,
): Promise<dynamic.CheckResult<DepartureInputs>> {
  return { inputs: news, failures: await departureFaults(news) };
}

async function departureFaults(inputs: DepartureInputs): Promise<Fault[]> {
  const faults = new Faults();
  targetFaults(faults, inputs.target);
  faults.label("keysSecret", inputs.keysSecret);
  faults.integer("protocolVersion", inputs.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  return [...faults.list, ...(await escrowFaults(inputs))];
}

/** An update when an input changed, or when the StatefulSet still runs more pods than are to stay. */
export async function diff(_id: string, olds: DepartureOutputs, news: DepartureInputs): Promise<dynamic.DiffResult> {
  const inputs = ["target", "keysSecret", "protocolVersion"] as const;
  if (changedProperties<DepartureInputs>(olds, news, inputs).length > 0) {
    return { changes: true };
  }
  const leaving = await glance(async () => findLeaving(await openContext(news.target.kubeContext), news));
  return { changes: leaving !== null && leaving.length > 0 };
}

/** Takes surplus servers out of the cluster; a new one has none. */
export async function create(inputs: DepartureInputs): Promise<dynamic.CreateResult<DepartureOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: DepartureInputs,
): Promise<dynamic.CreateResult<DepartureOutputs>> {
  return { id: resourceId(inputs.target), outs: await reconcile(context, inputs) };
}

/** The same as {@link create}. */
export async function update(
  _id: string,
  _olds: DepartureOutputs,
  news: DepartureInputs,
): Promise<dynamic.UpdateResult<DepartureOutputs>> {
  return { outs: await reconcile(await openContext(news.target.kubeContext), news) };
}

/**
 * What was done last.
 *
 * @throws when the API server does not answer.
 */
export async function read(id: string, props: DepartureOutputs): Promise<dynamic.ReadResult<DepartureOutputs>> {
  const context = await openContext(props.target.kubeContext);
  await surveyNodes(surveyArgs(context, props.target));
  return { id, props };
}

/** Nothing to do. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

async function reconcile(context: ProtocolContext, inputs: DepartureInputs): Promise<DepartureOutputs> {
  await runDeparture(context, inputs);
  return { ...withoutProvider(inputs), remaining: inputs.target.pods };
}
