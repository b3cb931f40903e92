import { podVault } from "./pod-vault.ts";
import type { ProtocolContext } from "./protocol-context.ts";
import { notReady, type Place, wrongShares } from "./runbooks.ts";
import type { SurveyedNode } from "./survey.ts";
import type { VaultTarget } from "./types.ts";
import { type VaultNode, vaultNode } from "./vault-api.ts";
import { VaultRefusal, VaultSilence } from "./vault-error.ts";

/** How often a pass of all shares is repeated when somebody else resets it. */
const MAX_PASSES = 3;

/**
 * Unseals one node. Each share is sent once in a pass; a refused share ends it, so that wrong keys are never tried
 * in a loop.
 *
 * @returns false when the pod was replaced meanwhile, so that the caller looks again.
 */
export async function unsealNode(
  context: ProtocolContext,
  target: VaultTarget,
  place: Place,
  surveyed: SurveyedNode,
  shares: readonly string[],
): Promise<boolean> {
  const transport = podVault(context.kube, target, surveyed.pod, surveyed.uid ?? undefined);
  const node = vaultNode(transport, context.clock, context.timings.vault);
  const deadline = context.clock.now() + context.timings.serve;
  try {
    for (let pass = 1; pass <= MAX_PASSES; pass++) {
      if ((await submit(node, shares)) || (await becomesUnsealed(context, node, deadline))) {
        return true;
      }
    }
  } catch (error) {
    if (error instanceof VaultSilence && !error.sent) {
      return false;
    }
    if (error instanceof VaultRefusal && error.status === 400) {
      // Whatever the attempt left behind would confuse the next person.
      await node.resetUnseal().catch(() => undefined);
      throw wrongShares(place, surveyed.pod);
    }
    throw error;
  }
  throw notReady(place, [`pod ${surveyed.pod} stays sealed after all its shares`], context.timings.serve / 1000);
}

/** True when the node reported itself unsealed. */
async function submit(node: VaultNode, shares: readonly string[]): Promise<boolean> {
  const before = await node.sealStatus();
  if (!before.sealed) {
    return true;
  }
  if (before.progress > 0) {
    // Somebody's half-done attempt: mixed with ours it would be refused.
    await node.resetUnseal();
  }
  for (const share of shares) {
    try {
      if (!(await node.unseal(share)).sealed) {
        return true;
      }
    } catch (error) {
      if (error instanceof VaultSilence && error.sent) {
        // A joining node answers only once it has joined; its status tells when.
        return false;
      }
      throw error;
    }
  }
  return false;
}

/** False when the shares were taken away from it, true once it is unsealed; ends at the deadline. */
async function becomesUnsealed(context: ProtocolContext, node: VaultNode, deadline: number): Promise<boolean> {
  while (context.clock.now() < deadline) {
    const status = await node.sealStatus().catch((error: unknown) => {
      if (error instanceof VaultSilence && error.sent) {
        return null;
      }
      throw error;
    });
    if (status?.sealed === false) {
      return true;
    }
    if (status !== null && status.progress > 0) {
      return false;
    }
    await context.clock.sleep(context.timings.poll);
  }
  return false;
}
