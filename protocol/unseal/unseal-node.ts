import type { KeySet } from "../keys/key-set.ts";
import { podVault } from "../vault-client/pod-vault.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { missingShares } from "../stops/ceremony-stops.ts";
import { notReady, type Place, wrongShares } from "../stops/runbooks.ts";
import type { OpenedShares } from "../keys/shares.ts";
import type { SurveyedNode } from "../vault-client/survey.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import { fitsNode } from "./unseal-judgement.ts";
import { type VaultNode, vaultNode } from "../vault-client/vault-api.ts";
import { VaultRefusal, VaultNoAnswer } from "../vault-client/vault-error.ts";

/** How often a pass of all shares is repeated when somebody else resets it. */
const maxPasses = 3;

/** A set of keys and what of it the stack can open. */
export interface OpenedSet {
  readonly set: KeySet;
  readonly opened: OpenedShares;
}

/**
 * Unseals one node. Each share is sent once in a pass; a refused share ends it, so that wrong keys are never tried
 * in a loop. When a rekey was under way there may be two sets that fit, which are tried one after the other.
 *
 * @returns false when the pod was replaced meanwhile, so that the caller looks again.
 */
export async function unsealNode(
  context: ProtocolContext,
  target: VaultTarget,
  place: Place,
  surveyed: SurveyedNode,
  sets: readonly OpenedSet[],
): Promise<boolean> {
  const { pod, uid, state } = surveyed;
  const node = vaultNode(podVault(context.kube, target, pod, uid ?? undefined), context.clock, context.timings.vault);
  const attempt: Attempt = { context, place, pod, node };
  const fitting = sets.filter(({ set }) => state.kind === "sealed" && fitsNode(set, state));
  const complete = fitting.filter(({ opened }) => opened.missing === 0);
  try {
    for (const { opened } of complete) {
      if (await unsealWith(attempt, opened.shares)) return true;
    }
    const [partial] = fitting;
    if (complete.length === 0 && partial !== undefined) {
      // One set only: shares of two at once would spoil each other.
      return await addShares(attempt, partial.opened);
    }
  } catch (error) {
    if (error instanceof VaultNoAnswer && !error.sent) return false;
    throw error;
  }
  throw wrongShares(place, pod);
}

/** One node and what is needed to unseal it. */
interface Attempt {
  readonly context: ProtocolContext;
  readonly place: Place;
  readonly pod: string;
  readonly node: VaultNode;
}

/** False when these shares are refused. */
async function unsealWith({ context, place, pod, node }: Attempt, shares: readonly string[]): Promise<boolean> {
  const deadline = context.clock.now() + context.timings.serve;
  try {
    for (let pass = 1; pass <= maxPasses; pass++) {
      if ((await submit(node, shares)) || (await becomesUnsealed(context, node, deadline))) return true;
    }
  } catch (error) {
    if (error instanceof VaultRefusal && error.status === 400) {
      // Whatever the attempt left behind would confuse the next person.
      await node.resetUnseal().catch(() => undefined);
      return false;
    }
    throw error;
  }
  throw notReady(place, [`pod ${pod} stays sealed after all its shares`], context.timings.serve / 1000);
}

/**
 * Adds the stack's own shares to those that holders have given; theirs are never reset.
 *
 * @throws ProtocolStop naming how many are missing and who holds them, or that they do not fit together.
 */
async function addShares({ place, pod, node }: Attempt, opened: OpenedShares): Promise<boolean> {
  let status = await node.sealStatus();
  try {
    for (const share of opened.shares) {
      // One that was given before changes nothing.
      status = status.sealed ? await node.unseal(share, status.migration) : status;
    }
  } catch (error) {
    throw error instanceof VaultRefusal && error.status === 400 ? wrongShares(place, pod) : error;
  }
  if (status.sealed) throw missingShares(place, { kind: "unseal", pod }, status.t - status.progress, opened.holders);
  return true;
}

/** True when the node reported itself unsealed. */
async function submit(node: VaultNode, shares: readonly string[]): Promise<boolean> {
  const before = await node.sealStatus();
  if (!before.sealed) return true;
  if (before.progress > 0) {
    // Somebody's half-done attempt: mixed with ours it would be refused.
    await node.resetUnseal();
  }
  for (const share of shares) {
    try {
      if (!(await node.unseal(share, before.migration)).sealed) return true;
    } catch (error) {
      if (error instanceof VaultNoAnswer && error.sent) {
        // A joining node answers only once it has joined; its status tells when.
        return false;
      }
      throw error;
    }
  }
  return false;
}

/** False when somebody has reset its shares, true once it is unsealed; ends at the deadline. */
async function becomesUnsealed(context: ProtocolContext, node: VaultNode, deadline: number): Promise<boolean> {
  while (context.clock.now() < deadline) {
    const status = await node.sealStatus().catch((error: unknown) => {
      if (error instanceof VaultNoAnswer && error.sent) return null;
      throw error;
    });
    if (status?.sealed === false) return true;
    if (status !== null && status.progress > 0) return false;
    await context.clock.sleep(context.timings.poll);
  }
  return false;
}
