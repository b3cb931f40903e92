/**
 * `vault:Unseal` for Pulumi: check → pure; create, update → the unseal protocol; diff, read → ask each node; delete →
 * nothing, since a Vault that is taken away need not be sealed first.
 */
import type { dynamic } from "@pulumi/pulumi";
import { escrowFaults } from "../keys/escrow.ts";
import { type Fault, Faults } from "../frame/faults.ts";
import { glance } from "../frame/glance.ts";
import { resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { openContext, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { outdatedPods } from "./rollout.ts";
import { clustersOf, type Survey, surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { UnsealInputs, UnsealOutputs } from "../types.ts";
import { changedProperties } from "../frame/unknown.ts";
import { serving } from "./unseal-judgement.ts";
import { runUnseal } from "./unseal-protocol.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export async function check(_olds: UnsealInputs, news: UnsealInputs): Promise<dynamic.CheckResult<UnsealInputs>> {
  return { inputs: news, failures: await unsealFaults(news) };
}

async function unsealFaults(inputs: UnsealInputs): Promise<Fault[]> {
  const faults = new Faults();
  targetFaults(faults, inputs.target);
  faults.label("keysSecret", inputs.keysSecret);
  faults.text("keysFingerprint", inputs.keysFingerprint);
  faults.text("podTemplateHash", inputs.podTemplateHash);
  faults.integer("protocolVersion", inputs.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  return [...faults.list, ...(await escrowFaults(inputs))];
}

/** An update when an input changed or a node is sealed, so that a plain `up` heals it. */
export async function diff(_id: string, olds: UnsealOutputs, news: UnsealInputs): Promise<dynamic.DiffResult> {
  const inputs = [
    "target",
    "keysSecret",
    "keysFingerprint",
    "escrowPrivateKey",
    "escrowPreviousPrivateKey",
    "podTemplateHash",
    "protocolVersion",
  ] as const;
  // A state edited by hand may lack any output.
  const found: Partial<UnsealOutputs> = olds;
  const changed = changedProperties<UnsealInputs>(olds, news, inputs);
  if (changed.length > 0 || found.sealedNodes?.length !== 0) {
    return { changes: true };
  }
  return { changes: (await glance(async () => hasWork(await openContext(news.target.kubeContext), news))) === true };
}

async function hasWork(context: ProtocolContext, { target }: UnsealInputs): Promise<boolean> {
  const survey = await surveyNodes(surveyArgs(context, target));
  if (needsUnseal(survey)) {
    return true;
  }
  return outdatedPods(await context.kube.readStatefulSet(target.namespace, target.statefulSet), survey).length > 0;
}

/** Pure. A node the caller may not ask is unknown, and unknown is no reason to act. */
export function needsUnseal(survey: Survey): boolean {
  const asked = survey.filter(({ state }) => !(state.kind === "unreachable" && state.denied));
  return asked.length > 0 && serving(asked).length > 0;
}

/** Brings every node to unsealed and waits until one leads. */
export async function create(inputs: UnsealInputs): Promise<dynamic.CreateResult<UnsealOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: UnsealInputs,
): Promise<dynamic.CreateResult<UnsealOutputs>> {
  return { id: resourceId(inputs.target), outs: await reconcile(context, inputs) };
}

/** The same as {@link create}: what is unsealed already stays as it is. */
export async function update(
  _id: string,
  _olds: UnsealOutputs,
  news: UnsealInputs,
): Promise<dynamic.UpdateResult<UnsealOutputs>> {
  return { outs: await reconcile(await openContext(news.target.kubeContext), news) };
}

/**
 * What the nodes are now; unseals nothing.
 *
 * @throws when the API server does not answer.
 */
export async function read(id: string, props: UnsealOutputs): Promise<dynamic.ReadResult<UnsealOutputs>> {
  const context = await openContext(props.target.kubeContext);
  const survey = await surveyNodes(surveyArgs(context, props.target));
  const [clusterId = props.clusterId] = Object.keys(clustersOf(survey));
  const sealedNodes = survey.filter(({ state }) => state.kind !== "unsealed").map(({ pod }) => pod);
  return { id, props: { ...props, clusterId, serving: serving(survey).length === 0, sealedNodes } };
}

/** Nothing to do. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

async function reconcile(context: ProtocolContext, inputs: UnsealInputs): Promise<UnsealOutputs> {
  const properties = withoutProvider(inputs);
  return { ...properties, clusterId: await runUnseal(context, inputs), serving: true, sealedNodes: [] };
}
