import { awaitCondition } from "../frame/await-condition.ts";
import type { InitRun } from "./init-run.ts";
import { archiveKeys } from "../keys/keys-archive.ts";
import { surveyArgs } from "../frame/protocol-context.ts";
import { type SurveyedNode, surveyNodes } from "../vault-client/survey.ts";

/** Claims of Vault's data start with this; the volume of the audit log outlives every wipe. */
const dataClaimPrefix = "data-";

/** Keeps the old keys beside the new ones: a volume believed lost may turn up again. */
export async function archiveStored(run: InitRun): Promise<undefined> {
  const { context, place, decision } = run;
  if (decision.kind !== "start-over" || decision.archive === null) return;
  await archiveKeys({ context, place, escrow: run.keyring.current }, decision.archive);
  run.archived = decision.archive.keysFingerprint;
}

/**
 * Archives keys that wait in the state and have no place any more, because somebody initialised Vault anew meanwhile:
 * this run's outputs remove them from the state.
 */
export async function archiveUnsaved(run: InitRun): Promise<undefined> {
  if (run.unsaved !== null) {
    await archiveKeys({ context: run.context, place: run.place, escrow: run.keyring.current }, run.unsaved);
  }
}

/** Deletes the data claims of these pods and the pods, and waits until their successors run on new volumes. */
export async function wipeVolumes(run: InitRun): Promise<undefined> {
  const { context, inputs, decision, place } = run;
  if (decision.kind !== "start-over") return;
  const { kube } = context;
  const { namespace } = inputs.target;
  for (const node of decision.wipe) {
    for (const [name, uid] of dataClaims(node)) await kube.deleteClaim(namespace, name, uid);
    await kube.deletePod(namespace, node.pod, node.uid ?? "");
  }
  await awaitCondition(context, place, context.timings.ready, async () => {
    const survey = await surveyNodes(surveyArgs(context, inputs.target));
    const pending = decision.wipe.filter(
      (old) =>
        !isSuccessor(
          old,
          survey.find(({ pod }) => pod === old.pod),
        ),
    );
    const missing = pending.map(({ pod }) => `pod ${pod} did not come back on a new volume`);
    return missing.length === 0 ? { found: survey } : { missing };
  });
}

function dataClaims(node: SurveyedNode): [string, string][] {
  return Object.entries(node.claims).filter(([name]) => name.startsWith(dataClaimPrefix));
}

function isSuccessor(old: SurveyedNode, now: SurveyedNode | undefined): boolean {
  if (now?.uid == null || now.uid === old.uid) return false;
  return dataClaims(old).every(([name, uid]) => now.claims[name] !== undefined && now.claims[name] !== uid);
}
