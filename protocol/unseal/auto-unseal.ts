import { awaitCondition } from "../frame/await-condition.ts";
import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { type Place, ProtocolStop, sealClosed } from "../stops/runbooks.ts";
import { leaderIn, type Survey, surveyNodes } from "../vault-client/survey.ts";
import type { SealType } from "../keys/seal-type.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

/** What waiting for a seal needs. */
export interface OpeningArgs {
  readonly context: ProtocolContext;
  readonly target: VaultTarget;
  readonly place: Place;
  readonly seal: SealType;
}

/**
 * Waits until nodes that open by themselves have done so; sends nothing.
 *
 * @param missingIn what still keeps the nodes from being what is awaited.
 * @throws ProtocolStop when they do not open in time.
 */
export async function awaitOpening(
  { context, target, place, seal }: OpeningArgs,
  missingIn: (survey: Survey) => string[],
): Promise<Survey> {
  try {
    return await awaitCondition(context, place, context.timings.serve, async () => {
      const survey = await surveyNodes(surveyArgs(context, target));
      const missing = missingIn(survey);
      return missing.length === 0 ? { found: survey } : { missing };
    });
  } catch (error) {
    throw asClosedSeal(error, place, seal);
  }
}

/**
 * Turns the stop that nodes did not come up in time into one about the seal that should have opened them. Any other
 * failure stays what it is.
 */
export function asClosedSeal(error: unknown, place: Place, seal: SealType): unknown {
  const isTooLate = error instanceof ProtocolStop && error.runbook === "not-ready";
  return isTooLate && seal !== "shamir" ? sealClosed(place, seal, error) : error;
}

/** What keeps the root key, according to the node that leads; null when none does. */
export function sealInUse(survey: Survey): SealType | null {
  const leader = leaderIn(survey);
  return leader?.state.kind === "unsealed" ? (leader.state.seal ?? "shamir") : null;
}
