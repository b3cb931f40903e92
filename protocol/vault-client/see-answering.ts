import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import type { VaultTarget } from "../types.ts";
import { surveyNodes } from "./survey.ts";

/**
 * A refresh of what cannot be seen without acting: nothing new is learned of it.
 * @throws when the API server does not answer, or what is there would leave the state.
 */
export async function seeAnswering(
  context: ProtocolContext,
  { target }: { readonly target: VaultTarget },
): Promise<Record<never, never>> {
  await surveyNodes(surveyArgs(context, target));
  return {};
}
