import { podVault } from "./pod-vault.ts";
import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { leaderIn, surveyNodes } from "./survey.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import { type VaultNode, vaultNode } from "./vault-api.ts";

/** The node that leads now; null when none does, or more than one says so. */
export async function leadingNode(context: ProtocolContext, target: VaultTarget): Promise<VaultNode | null> {
  const survey = await surveyNodes(surveyArgs(context, target));
  const leader = leaderIn(survey);
  return leader === null
    ? null
    : vaultNode(podVault(context.kube, target, leader.pod), context.clock, context.timings.vault);
}
