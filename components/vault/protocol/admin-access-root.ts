import { isTransient, KubeError } from "../../cluster/kube-error.ts";
import { leaderOf } from "./admin-access-evidence.ts";
import type { AdminAccessRun } from "./admin-access-protocol.ts";
import { openKeyring } from "./escrow.ts";
import { readKeys, writeKeys } from "./keys-secret.ts";
import { generateRootToken, holdersRootToken, storedRootToken } from "./root-token.ts";
import { lostAppRole, lostKeys } from "./runbooks.ts";
import { VaultRefusal } from "./vault-error.ts";

/** Root from the keys Secret while it lives, or from holders of shares; else, only when there is no login, made from the shares. */
export async function obtainRoot(run: AdminAccessRun): Promise<undefined> {
  const { inputs, place, record } = run;
  if (record === null) {
    throw lostKeys(place, true);
  }
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
    run.root = await generateRootToken(node, keyring, record, place);
  }
}

/** Ends the root token and makes sure of it. */
export async function revokeRoot(run: AdminAccessRun): Promise<undefined> {
  const { root, place } = run;
  if (root === null) {
    return;
  }
  const session = leaderOf(run).as(root.token);
  try {
    await session.revokeSelf();
  } catch (error) {
    // Dead already: the answer of an earlier attempt was lost.
    if (!(error instanceof VaultRefusal && error.status === 403)) {
      throw error;
    }
  }
  if ((await session.policies()) !== null) {
    throw lostAppRole(place, "the root token is still alive after it was revoked");
  }
  run.storedRootIsDead ||= root.source === "keys-secret";
}

/** The copy leaves the Secret only once the token it holds is known to be dead. */
export async function forgetRoot(run: AdminAccessRun): Promise<undefined> {
  const { context, inputs } = run;
  const { namespace } = inputs.target;
  const deadline = context.clock.now() + context.timings.store;
  for (;;) {
    try {
      const { parsed, resourceVersion } = await readKeys(context.kube, namespace, inputs.keysSecret);
      if (parsed.kind === "keys" && parsed.record.rootToken !== null) {
        await writeKeys(
          context.kube,
          namespace,
          inputs.keysSecret,
          { ...parsed.record, rootToken: null },
          resourceVersion,
        );
      }
      return;
    } catch (error) {
      const again = isTransient(error) || (error instanceof KubeError && error.kind === "conflict");
      if (!again || context.clock.now() > deadline) {
        throw error;
      }
    }
    await context.clock.sleep(context.timings.poll);
  }
}
