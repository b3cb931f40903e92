import { awaitCondition } from "../frame/await-condition.ts";
import { fewerServers } from "../stops/cluster-stops.ts";
import { openKeyring } from "../keys/escrow.ts";
import { liveRootToken } from "../stops/key-stops.ts";
import { forgetRootToken, keepRootToken } from "../admin-access/kept-root.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { podVault } from "../vault-client/pod-vault.ts";
import { placeOf, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { unchanged } from "../keys/record-proof.ts";
import { endRoot, endRootAfter } from "../admin-access/root-end.ts";
import { generateRootToken, storedRootToken } from "../admin-access/root-token.ts";
import { damagedKeys, lostKeys, type Place } from "../stops/runbooks.ts";
import { type Survey, surveyNodes } from "../vault-client/survey.ts";
import type { ScaleDownInputs } from "./scale-down-properties.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import { serving } from "../unseal/unseal-judgement.ts";
import { type VaultNode, vaultNode, type VaultSession } from "../vault-client/vault-api.ts";

/** Claims of Vault's data start with this; the audit log of a server that left stays. */
const dataClaimPrefix = "data-";

/**
 * Pods that the StatefulSet still runs and that are to go, last first.
 *
 * @param replicas how many it runs now; null when there is none.
 */
export function leavingPods({ statefulSet, pods }: VaultTarget, replicas: number | null): string[] {
  const surplus = Math.max(0, (replicas ?? 0) - pods.length);
  return Array.from({ length: surplus }, (_, index) => `${statefulSet}-${pods.length + index}`).reverse();
}

/** The pods that are to leave now. */
export async function findLeaving(context: ProtocolContext, { target }: ScaleDownInputs): Promise<string[]> {
  const statefulSet = await context.kube.readStatefulSet(target.namespace, target.statefulSet);
  return leavingPods(target, statefulSet === null ? null : (statefulSet.spec?.replicas ?? 1));
}

/**
 * Takes servers out of the cluster before their pods go: if the pods went first, they would count as lost voters, and
 * the cluster could tolerate fewer losses than it has servers for, or none. Their data goes with them, since a server
 * that was removed may not come back with it.
 *
 * @throws ProtocolStop when a server that stays does not serve, or when the shares are in the custody of people.
 */
export async function runScaleDown(context: ProtocolContext, inputs: ScaleDownInputs): Promise<void> {
  const leaving = await findLeaving(context, inputs);
  if (leaving.length === 0) return;
  const place = placeOf(inputs.target, inputs.keysSecret);
  const everybody: VaultTarget = { ...inputs.target, pods: [...inputs.target.pods, ...leaving] };
  const look = (): Promise<Survey> => surveyNodes(surveyArgs(context, everybody));
  const survey = await look();
  const members = survey.filter(({ pod, state }) => leaving.includes(pod) && state.kind !== "removed");
  if (members.length > 0) {
    const reasons = serving(survey.filter(({ pod }) => inputs.target.pods.includes(pod) || isLeading(survey, pod)));
    if (reasons.length > 0) throw fewerServers(place, leaving, reasons);
    await removePeers({ context, inputs, place, leaving, look });
  }
  await deleteData(context, everybody, survey, leaving);
}

function isLeading(survey: Survey, pod: string): boolean {
  return survey.some((node) => node.pod === pod && node.state.kind === "unsealed" && node.state.role === "active");
}

interface Removal {
  readonly context: ProtocolContext;
  readonly inputs: ScaleDownInputs;
  readonly place: Place;
  readonly leaving: readonly string[];
  readonly look: () => Promise<Survey>;
}

async function removePeers(removal: Removal): Promise<void> {
  const { leaving } = removal;
  const first = await awaitLeader(removal);
  await asRoot(removal, first.node, async (root) => {
    for (const pod of leaving.filter((name) => name !== first.pod)) await root.removePeer(pod);
    if (leaving.includes(first.pod)) {
      // The other leaving servers are gone, so the next leader is one that stays.
      await root.stepDown();
    }
  });
  if (!leaving.includes(first.pod)) return;
  const next = await awaitLeader(removal, first.pod);
  await asRoot(removal, next.node, (root) => root.removePeer(first.pod));
}

async function awaitLeader(
  { context, inputs, place, look }: Removal,
  otherThan?: string,
): Promise<{ readonly pod: string; readonly node: VaultNode }> {
  const pod = await awaitCondition(context, place, context.timings.serve, async () => {
    const survey = await look();
    const found = survey.find((node) => isLeading(survey, node.pod) && node.pod !== otherThan)?.pod;
    return found === undefined ? { missing: ["no server that stays leads yet"] } : { found };
  });
  return { pod, node: vaultNode(podVault(context.kube, inputs.target, pod), context.clock, context.timings.vault) };
}

/**
 * Pulumi's own login is not known yet when servers leave: it comes after the pods. So a root token is made, and revoked
 * at once. Until then it is in the keys Secret, encrypted: after a kill the next run uses it, and it is revoked with
 * the admin access.
 */
async function asRoot(
  { context, inputs, place, leaving }: Removal,
  node: VaultNode,
  work: (root: VaultSession) => Promise<void>,
): Promise<void> {
  const keyring = await openKeyring(inputs);
  const stored = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
  const parsed = unchanged(stored.parsed, keyring);
  if (parsed.kind === "damaged") throw damagedKeys(place, parsed.faults);
  if (parsed.kind !== "keys") throw lostKeys(place, true);
  const kept = await storedRootToken(node, keyring, parsed.record);
  if (typeof kept === "object") {
    await work(node.as(kept.token));
    return;
  }
  const { token, encrypted } = await generateRootToken({ context, node, keyring, record: parsed.record, place });
  const everybody = { ...inputs.target, pods: [...inputs.target.pods, ...leaving] };
  const holder = { context, target: everybody, place };
  try {
    await keepRootToken({ context, inputs }, encrypted);
    await work(node.as(token));
  } catch (error) {
    throw await endRootAfter(holder, token, error);
  }
  if (!(await endRoot(holder, token))) throw liveRootToken(place, "Vault did not end it");
  await forgetRootToken({ context, inputs });
}

/** The claims go with their pods; until then they are only marked for deletion. */
async function deleteData(
  { kube }: ProtocolContext,
  { namespace }: VaultTarget,
  survey: Survey,
  leaving: readonly string[],
): Promise<void> {
  for (const { pod, claims } of survey) {
    const data = Object.entries(claims).filter(([name]) => leaving.includes(pod) && name.startsWith(dataClaimPrefix));
    for (const [name, uid] of data) await kube.deleteClaim(namespace, name, uid);
  }
}
