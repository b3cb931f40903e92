/**
 * `vault:Unseal` for Pulumi: check → pure; create, update → the unseal protocol; diff, read → ask each node; delete →
 * nothing, since a Vault that is deleted need not be sealed first.
 */
import { escrowFaults } from "../keys/escrow.ts";
import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { outdatedPods } from "./rollout.ts";
import { clustersOf, type Survey, surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { UnsealInputs, UnsealOutputs } from "./unseal-properties.ts";
import { serving } from "./unseal-judgement.ts";
import { runUnseal } from "./unseal-protocol.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";

/**
 * Brings every node to unsealed and waits until one leads; what is unsealed already stays as it is. A refresh unseals
 * nothing.
 */
export const { check, diff, create, createIn, update, read, delete_ } = defineResource<
  ProtocolContext,
  UnsealInputs,
  UnsealOutputs
>({
  ...inVault,
  faults: async (faults, inputs) => {
    targetFaults(faults, inputs.target);
    faults.label("keysSecret", inputs.keysSecret);
    faults.text("keysFingerprint", inputs.keysFingerprint);
    faults.text("podTemplateHash", inputs.podTemplateHash);
    await escrowFaults(faults, inputs);
  },
  compared: [
    ...(["target", "keysSecret", "keysFingerprint", "podTemplateHash"] as const),
    ...(["escrowPrivateKey", "escrowPreviousPrivateKey", "protocolVersion"] as const),
  ],
  isOff: ({ sealedNodes }) => sealedNodes?.length !== 0,
  find: isSealedOrOutdated,
  reconcile: async (context, inputs) => {
    return { clusterId: await runUnseal(context, inputs), serving: true, sealedNodes: [] };
  },
  look: async (context, props) => {
    const survey = await surveyNodes(surveyArgs(context, props.target));
    const [clusterId = props.clusterId] = Object.keys(clustersOf(survey));
    const sealedNodes = survey.filter(({ state }) => state.kind !== "unsealed").map(({ pod }) => pod);
    return { clusterId, serving: serving(survey).length === 0, sealedNodes };
  },
});

async function isSealedOrOutdated(context: ProtocolContext, { target }: UnsealInputs): Promise<boolean> {
  const survey = await surveyNodes(surveyArgs(context, target));
  if (needsUnseal(survey)) return true;
  return outdatedPods(await context.kube.readStatefulSet(target.namespace, target.statefulSet), survey).length > 0;
}

/** Pure. A node the caller may not ask is unknown, and unknown is no reason to act. */
export function needsUnseal(survey: Survey): boolean {
  const asked = survey.filter(({ state }) => !(state.kind === "unreachable" && state.denied));
  return asked.length > 0 && serving(asked).length > 0;
}
