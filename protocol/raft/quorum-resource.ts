/**
 * `vault:Quorum` for Pulumi: check → pure; create, update → wait until every server votes; diff → ask the leader;
 * read → see that the cluster answers; delete → nothing, since it holds nothing.
 */
import type { dynamic } from "@pulumi/pulumi";
import { type Fault, Faults } from "../frame/faults.ts";
import { glance } from "../frame/glance.ts";
import { loginFaults } from "../admin-access/login-faults.ts";
import { resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { openContext, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { type QuorumEvidence, quorumReasons } from "./quorum-judgement.ts";
import { awaitQuorum, quorumEvidence } from "./quorum-protocol.ts";
import { surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { QuorumInputs, QuorumOutputs } from "../types.ts";
import { changedProperties, containsUnknown } from "../frame/unknown.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export function check(_olds: QuorumInputs, news: QuorumInputs): Promise<dynamic.CheckResult<QuorumInputs>> {
  return Promise.resolve({ inputs: news, failures: quorumFaults(news) });
}

function quorumFaults(inputs: QuorumInputs): Fault[] {
  const faults = new Faults();
  targetFaults(faults, inputs.target);
  faults.text("clusterId", inputs.clusterId);
  loginFaults(faults, inputs);
  faults.integer("protocolVersion", inputs.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  return [...faults.list];
}

/** An update when an input changed or a server is missing; what cannot be asked is no reason to act. */
export async function diff(_id: string, olds: QuorumOutputs, news: QuorumInputs): Promise<dynamic.DiffResult> {
  // A new login to the same cluster proves nothing new about its servers.
  const inputs = ["target", "clusterId", "protocolVersion"] as const;
  if (changedProperties<QuorumInputs>(olds, news, inputs).length > 0 || containsUnknown(news)) {
    return { changes: true };
  }
  const evidence = await glance(async () => lookAtQuorum(await openContext(news.target.kubeContext), news));
  return { changes: evidence !== null && quorumReasons(news.target.pods, evidence).length > 0 };
}

/** Null while a server is sealed or gone: that is the business of the unseal, after which this is compared. */
async function lookAtQuorum(context: ProtocolContext, inputs: QuorumInputs): Promise<QuorumEvidence | null> {
  const survey = await surveyNodes(surveyArgs(context, inputs.target));
  return survey.every(({ state }) => state.kind === "unsealed") ? quorumEvidence(context, inputs) : null;
}

/** Waits until every server votes in one healthy cluster. */
export async function create(inputs: QuorumInputs): Promise<dynamic.CreateResult<QuorumOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: QuorumInputs,
): Promise<dynamic.CreateResult<QuorumOutputs>> {
  return { id: resourceId(inputs.target), outs: await reconcile(context, inputs) };
}

/** The same as {@link create}. */
export async function update(
  _id: string,
  _olds: QuorumOutputs,
  news: QuorumInputs,
): Promise<dynamic.UpdateResult<QuorumOutputs>> {
  return { outs: await reconcile(await openContext(news.target.kubeContext), news) };
}

/**
 * What was proved last; whether it still holds is for diff to find out.
 *
 * @throws when the API server does not answer.
 */
export async function read(id: string, props: QuorumOutputs): Promise<dynamic.ReadResult<QuorumOutputs>> {
  const context = await openContext(props.target.kubeContext);
  await surveyNodes(surveyArgs(context, props.target));
  return { id, props };
}

/** Nothing to do. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

async function reconcile(context: ProtocolContext, inputs: QuorumInputs): Promise<QuorumOutputs> {
  const { servers, autopilot } = await awaitQuorum(context, inputs);
  const votes = new Set(servers.filter(({ voter }) => voter).map((server) => server.node_id));
  const voters = inputs.target.pods.filter((pod) => votes.has(pod));
  return { ...withoutProvider(inputs), voters, failureTolerance: autopilot.failure_tolerance };
}
