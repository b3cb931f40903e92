import { leaderOf, loginToken } from "./admin-access-evidence.ts";
import type { AdminAccessRun } from "./admin-access-run.ts";
import { openKeyring } from "../keys/escrow.ts";
import { liveRootToken } from "../stops/key-stops.ts";
import { forgetRootToken, keepRootToken } from "./kept-root.ts";
import { endRoot, endRootAfter } from "./root-end.ts";
import { generateRootToken, holdersRootToken, storedRootToken } from "./root-token.ts";
import { lostKeys } from "../stops/runbooks.ts";
import { openShares } from "../keys/shares.ts";

/**
 * Takes the root token from the keys Secret while it lives, or the one from holders of shares; otherwise, only when
 * there is no login, makes one from the shares.
 */
export async function obtainRoot(run: AdminAccessRun): Promise<undefined> {
  const { inputs, place, record } = run;
  if (record === null) throw lostKeys(place, true);
  const keyring = await openKeyring(inputs);
  const node = leaderOf(run);
  const stored = await storedRootToken(node, keyring, record);
  run.storedRootIsDead = stored === "dead";
  if (typeof stored === "object") {
    run.root = stored;
    return;
  }
  const { encodedRootToken } = inputs;
  run.root = encodedRootToken === undefined ? null : await holdersRootToken(node, keyring, encodedRootToken, place);
  if (run.root === null && run.login === null) {
    run.root = await generateRootToken({ context: run.context, node, keyring, record, place });
  }
}

/** Revokes the root token and makes sure of it. */
export async function revokeRoot(run: AdminAccessRun): Promise<undefined> {
  const { root, place, context, inputs, record } = run;
  if (root === null) return;
  if (!(await endRoot({ context, target: inputs.target, place }, root.token))) {
    throw liveRootToken(place, "Vault did not end it");
  }
  run.root = null;
  run.storedRootIsDead ||= root.encrypted !== null && record?.rootToken === root.encrypted;
}

/**
 * Revokes the root token that a failed run holds. The one from initialising stays, encrypted in the Secret, when it is
 * the only way into Vault: no login works, and no other root token could be made.
 *
 * @returns what to fail with.
 */
export async function endRootOfFailure(run: AdminAccessRun, failure: unknown): Promise<unknown> {
  const { root, context, inputs, place } = run;
  if (root === null || (root.source === "keys-secret" && !(await isReplaceable(run).catch(() => false)))) {
    return failure;
  }
  run.root = null;
  return endRootAfter({ context, target: inputs.target, place }, root.token, failure);
}

/** Whether the login works, or the shares in custody can make another root token. */
async function isReplaceable(run: AdminAccessRun): Promise<boolean> {
  const { login, record, inputs, place, own } = run;
  const node = leaderOf(run);
  if (own !== null || (login !== null && (await loginToken(node, inputs.authPath, login)) !== null)) return true;
  const opened = record === null ? null : await openShares(await openKeyring(inputs), record, place);
  // A Vault that lets nobody make one without a login refuses this.
  return opened?.missing === 0 && !(await node.generateRootStatus()).started;
}

/**
 * Keeps a token that was made, as Vault gave it: encrypted to the escrow key, in the keys Secret. Whatever ends this
 * run, a seal or a kill, the next one finds it there and revokes it.
 *
 * @throws ProtocolStop when the keys are gone.
 */
export async function keepRoot(run: AdminAccessRun): Promise<undefined> {
  const { root, place } = run;
  const kept = await keepRootToken(run, root?.encrypted ?? null);
  if (kept === null) throw lostKeys(place, true);
  run.record = kept;
}

/** The copy leaves the Secret only once the token it holds is known to be dead. */
export async function forgetRoot(run: AdminAccessRun): Promise<undefined> {
  await forgetRootToken(run);
}
