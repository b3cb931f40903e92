import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import { surveyNodes } from "./survey.ts";

/**
 * A refresh of what cannot be seen without acting: nothing new is learned of it.
 * @throws when the API server does not answer; otherwise what is there would be dropped from the state.
 */
export async function seeAnswering<Props extends { readonly target: VaultTarget }>(
  context: ProtocolContext,
  props: Props,
): Promise<Props> {
  await surveyNodes(surveyArgs(context, props.target));
  return props;
}
