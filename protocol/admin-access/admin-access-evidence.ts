import type { AdminAccessRun, AdminLogin } from "./admin-access-run.ts";
import { awaitCondition } from "../frame/await-condition.ts";
import { twoClusters } from "../stops/cluster-stops.ts";
import { openKeyring } from "../keys/escrow.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { podVault } from "../vault-client/pod-vault.ts";
import { surveyArgs } from "../frame/protocol-context.ts";
import { unchanged } from "../keys/record-proof.ts";
import { damagedKeys } from "../stops/runbooks.ts";
import { leaderIn, leadershipOf, surveyNodes } from "../vault-client/survey.ts";
import { type VaultNode, vaultNode } from "../vault-client/vault-api.ts";
import { VaultRefusal } from "../vault-client/vault-error.ts";

/** The node that leads the cluster the login belongs to. */
export async function findLeader(run: AdminAccessRun): Promise<undefined> {
  const { context, inputs, place } = run;
  const leader = await awaitCondition(context, place, context.timings.serve, async () => {
    const survey = await surveyNodes(surveyArgs(context, inputs.target));
    const found = leaderIn(survey);
    return found === null ? { missing: leadershipOf(survey) } : { found };
  });
  const clusterId = leader.state.kind === "unsealed" ? leader.state.clusterId : "";
  if (clusterId !== inputs.clusterId) {
    throw twoClusters(
      place,
      { [clusterId]: [leader.pod] },
      { clusterId: inputs.clusterId, by: "the one this stack unsealed" },
    );
  }
  const transport = podVault(context.kube, inputs.target, leader.pod, leader.uid ?? undefined);
  run.node = vaultNode(transport, context.clock, context.timings.vault);
}

/** The keys, when they are still there. */
export async function readOwnKeys(run: AdminAccessRun): Promise<undefined> {
  const stored = await readKeys(run.context.kube, run.inputs.target.namespace, run.inputs.keysSecret);
  const parsed = unchanged(stored.parsed, await openKeyring(run.inputs));
  if (parsed.kind === "damaged") throw damagedKeys(run.place, parsed.faults);
  // Without its keys Vault still serves, and a login that works needs none.
  run.record = parsed.kind === "keys" ? parsed.record : null;
}

/** Logs in with what Pulumi's state knows; a login Vault does not know counts as lost. */
export async function tryLogin(run: AdminAccessRun): Promise<undefined> {
  if (run.login === null) return;
  run.own = await loginToken(leaderOf(run), run.inputs.authPath, run.login);
  if (run.own === null) run.login = null;
}

/** The same with the login for previews, which nobody needs while the program runs. */
export async function tryPreviewLogin(run: AdminAccessRun): Promise<undefined> {
  if (run.preview === null) return;
  const token = await loginToken(leaderOf(run), run.inputs.authPath, run.preview);
  if (token === null) {
    run.preview = null;
  } else {
    await leaderOf(run).as(token).revokeSelf();
  }
}

/** A token, or null when Vault does not know this login. */
export async function loginToken(node: VaultNode, authPath: string, login: AdminLogin): Promise<string | null> {
  try {
    return await node.login(authPath, login.roleId, login.secretId);
  } catch (error) {
    if (error instanceof VaultRefusal && (error.status === 400 || error.status === 403 || error.status === 404)) {
      return null;
    }
    throw error;
  }
}

/** The leading node, once it was found. */
export function leaderOf(run: AdminAccessRun): VaultNode {
  if (run.node === null) throw new Error("admin-access: no leader was found");
  return run.node;
}
