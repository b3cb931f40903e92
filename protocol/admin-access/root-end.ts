import { leadingNode } from "../vault-client/leading-node.ts";
import { liveRootToken } from "../stops/key-stops.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { Place } from "../stops/runbooks.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import { VaultRefusal } from "../vault-client/vault-error.ts";

/** Which Vault. */
export interface RootHolder {
  readonly context: ProtocolContext;
  readonly target: VaultTarget;
  readonly place: Place;
}

/**
 * Revokes a root token, at whichever node leads, and makes sure of it. Repeated until it is dead or time is up.
 *
 * @returns whether it is dead.
 */
export async function endRoot({ context, target }: RootHolder, token: string): Promise<boolean> {
  const { clock, timings } = context;
  const deadline = clock.now() + timings.endRoot;
  for (;;) {
    if (await isEnded(context, target, token).catch(() => false)) return true;
    if (clock.now() > deadline || context.life.aborted) return false;
    await clock.sleep(timings.poll);
  }
}

/**
 * Revokes a root token after a failure.
 *
 * @returns what to fail with: the failure itself, or, when the token may be alive, a stop that says so.
 */
export async function endRootAfter(holder: RootHolder, token: string, failure: unknown): Promise<unknown> {
  return (await endRoot(holder, token)) ? failure : liveRootToken(holder.place, reasonOf(failure));
}

async function isEnded(context: ProtocolContext, target: VaultTarget, token: string): Promise<boolean> {
  const session = (await leadingNode(context, target))?.as(token);
  if (session === undefined) return false;
  try {
    await session.revokeSelf();
  } catch (error) {
    // Dead already: the answer of an earlier attempt was lost.
    if (!(error instanceof VaultRefusal && error.status === 403)) throw error;
  }
  return (await session.policies()) === null;
}

function reasonOf(failure: unknown): string {
  return (failure instanceof Error ? failure.message : "unknown fault").split("\n")[0] ?? "";
}
