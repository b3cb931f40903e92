import { loginToken } from "../admin-access/admin-access-evidence.ts";
import { awaitCondition } from "../frame/await-condition.ts";
import { differenceOf, type WantedKeys } from "../keys/key-set.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { podVault } from "../vault-client/pod-vault.ts";
import { surveyArgs } from "../frame/protocol-context.ts";
import { unchanged } from "../keys/record-proof.ts";
import type { RekeyRun } from "./rekey-run.ts";
import { foreignOperation } from "../stops/ceremony-stops.ts";
import { twoClusters } from "../stops/cluster-stops.ts";
import { damagedKeys, lostAppRole, lostKeys } from "../stops/runbooks.ts";
import { leaderIn, leadershipOf, surveyNodes } from "../vault-client/survey.ts";
import type { RekeyStatus } from "../vault-client/vault-answers.ts";
import { type RekeySession, vaultNode } from "../vault-client/vault-api.ts";
import { fitsNode } from "../unseal/unseal-judgement.ts";

/** The keys in the Secret; a rekey needs them whole. */
export async function readOwnKeys(run: RekeyRun): Promise<undefined> {
  const { context, inputs, place } = run;
  const { parsed: read, resourceVersion } = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
  const parsed = unchanged(read, run.keyring);
  if (parsed.kind === "damaged") throw damagedKeys(place, parsed.faults);
  if (parsed.kind !== "keys") throw lostKeys(place, true);
  run.record = parsed.record;
  run.version = resourceVersion;
}

/** The node that leads the cluster these keys belong to: only there can keys be replaced. */
export async function findLeader(run: RekeyRun): Promise<undefined> {
  const { context, inputs, place } = run;
  const leader = await awaitCondition(context, place, context.timings.serve, async () => {
    const survey = await surveyNodes(surveyArgs(context, inputs.target));
    const found = leaderIn(survey);
    return found === null ? { missing: leadershipOf(survey) } : { found };
  });
  const transport = podVault(context.kube, inputs.target, leader.pod, leader.uid ?? undefined);
  run.node = vaultNode(transport, context.clock, context.timings.vault);
  const status = await run.node.sealStatus();
  const clusterId = status.cluster_id ?? "";
  if (clusterId !== inputs.clusterId) {
    throw twoClusters(
      place,
      { [clusterId]: [leader.pod] },
      { clusterId: inputs.clusterId, by: "the one this stack unsealed" },
    );
  }
  run.seal = status;
}

/** Pulumi's own login: the copy of new shares is for administrators only. */
export async function logIn(run: RekeyRun): Promise<undefined> {
  const { node, inputs, place, session } = run;
  if (node === null || session !== null) return;
  const { authPath, roleId, secretId } = inputs;
  const token = await loginToken(node, authPath, { roleId, secretId });
  if (token === null) throw lostAppRole(place, "Vault refuses the login with which its keys were to be replaced");
  run.session = node.as(token);
}

/** A token that is not revoked expires by itself. */
export async function logOut(run: RekeyRun): Promise<undefined> {
  const { session } = run;
  run.session = null;
  await session?.revokeSelf().catch(() => undefined);
}

/** What is under way in Vault; a rekey that is not the announced one is somebody else's and is left alone. */
export async function lookAtOperation(run: RekeyRun): Promise<undefined> {
  const operation = await rekeyOf(run).rekeyStatus();
  // Read after the operation, never before: if somebody shows the last share in between, Vault has other keys than it
  // had.
  run.seal = (await run.node?.sealStatus()) ?? run.seal;
  const pending = run.record?.pending;
  // A rekey for the keys asked for meanwhile may have been begun too, to find out which keys are in use.
  const ours = pending !== undefined && [pending, run.wanted].some((keys) => makesKeys(operation, keys));
  if (operation.started && !ours) throw foreignOperation(run.place, "rekey");
  run.operation = operation;
}

/** Whether the keys in use are not the ones asked for, or not the ones in the Secret. */
export function needsRekey({ record, wanted, seal }: RekeyRun): boolean {
  return record !== null && (differenceOf(record, wanted) !== null || (seal !== null && !fitsVault(record, seal)));
}

/** Whether Vault asks for as many shares as there are in this set. */
export function fitsVault(
  set: Parameters<typeof fitsNode>[0],
  seal: { readonly n: number; readonly t: number },
): boolean {
  return fitsNode(set, { shares: seal.n, threshold: seal.t });
}

/** The calls that replace the shares of this Vault, once it is known which key they are shares of. */
export function rekeyOf({ session, seal }: RekeyRun): RekeySession {
  if (session === null || seal === null) throw new Error("rekey: not logged in");
  return session.rekey(seal.recovery_seal ? "recovery" : "unseal");
}

function makesKeys(operation: RekeyStatus, keys: Omit<WantedKeys, "generation">): boolean {
  const holders = operation.pgp_fingerprints ?? [];
  return (
    operation.n === keys.secretShares &&
    operation.t === keys.secretThreshold &&
    operation.backup &&
    operation.verification_required &&
    holders.length === keys.recipients.length &&
    holders.every((holder, index) => holder === keys.recipients[index])
  );
}
