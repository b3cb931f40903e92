import { podVault } from "./pod-vault.ts";
import { type ProtocolContext, surveyArgs } from "./protocol-context.ts";
import { surveyNodes } from "./survey.ts";
import type { VaultTarget } from "./types.ts";
import { type VaultNode, vaultNode } from "./vault-api.ts";

/** The node that leads now; null when none does. */
export async function leadingNode(context: ProtocolContext, target: VaultTarget): Promise<VaultNode | null> {
  const survey = await surveyNodes(surveyArgs(context, target));
  const leader = survey.find(({ state }) => state.kind === "unsealed" && state.role === "active");
  return leader === undefined
    ? null
    : vaultNode(podVault(context.kube, target, leader.pod), context.clock, context.timings.vault);
}
