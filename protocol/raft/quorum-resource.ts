/**
 * `vault:Quorum` for Pulumi: check → pure; create, update → wait until every server votes; diff → ask the leader;
 * read → see that the cluster answers; delete → nothing, since it holds nothing.
 */
import { loginFaults } from "../admin-access/login-faults.ts";
import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { type QuorumEvidence, quorumReasons } from "./quorum-judgement.ts";
import { awaitQuorum, quorumEvidence } from "./quorum-protocol.ts";
import { surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { QuorumInputs, QuorumOutputs } from "./quorum-properties.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";
import { seeAnswering } from "../vault-client/see-answering.ts";

/**
 * Waits until every server votes in one healthy cluster. A new login to the same cluster proves nothing new about its
 * servers.
 */
export const { check, diff, create, createIn, update, read, delete_ } = defineResource<
  ProtocolContext,
  QuorumInputs,
  QuorumOutputs,
  QuorumEvidence | null
>({
  ...inVault,
  faults: (faults, inputs) => {
    targetFaults(faults, inputs.target);
    faults.text("clusterId", inputs.clusterId);
    loginFaults(faults, inputs);
  },
  compared: ["target", "clusterId", "protocolVersion"],
  needsAll: true,
  find: lookAtQuorum,
  hasWork: (evidence, { target }) => evidence !== null && quorumReasons(target.pods, evidence).length > 0,
  reconcile: async (context, inputs) => {
    const { servers, autopilot } = await awaitQuorum(context, inputs);
    const votes = new Set(servers.filter(({ voter }) => voter).map((server) => server.node_id));
    const voters = inputs.target.pods.filter((pod) => votes.has(pod));
    return { voters, failureTolerance: autopilot.failure_tolerance };
  },
  look: seeAnswering,
});

/** Null while a server is sealed or gone: that is for the unseal to handle, after which this is compared. */
async function lookAtQuorum(context: ProtocolContext, inputs: QuorumInputs): Promise<QuorumEvidence | null> {
  const survey = await surveyNodes(surveyArgs(context, inputs.target));
  return survey.every(({ state }) => state.kind === "unsealed") ? quorumEvidence(context, inputs) : null;
}
