import type { InitRun } from "./init-run.ts";
import { keysFingerprintOf } from "../keys/key-set.ts";
import type { KeysRecord } from "../keys/keys-record.ts";
import { parseRecipient } from "../keys/custody.ts";
import { LeaseLost } from "../frame/lease.ts";
import { podVault } from "../vault-client/pod-vault.ts";
import { surveyArgs } from "../frame/protocol-context.ts";
import { busy, lostInit } from "../stops/runbooks.ts";
import { surveyNodes } from "../vault-client/survey.ts";
import { type InitAnswer } from "../vault-client/vault-answers.ts";
import { vaultNode } from "../vault-client/vault-api.ts";
import { VaultRefusal, VaultNoAnswer } from "../vault-client/vault-error.ts";

/** A run that was stopped for longer than its lease must not initialise: another may have. */
export async function confirmLease({ lease, place }: Pick<InitRun, "lease" | "place">): Promise<undefined> {
  try {
    await lease?.confirm();
  } catch (error) {
    throw error instanceof LeaseLost ? busy(place, error.holder) : error;
  }
}

/**
 * The one call that cannot be undone, sent once, to the pod the survey saw: a pod of the same name that came later
 * may stand on another volume.
 */
export async function initializeVault(run: InitRun): Promise<undefined | { goTo: string }> {
  const { context, inputs, decision } = run;
  if (decision.kind !== "initialize") return undefined;
  const { pod, uid } = decision.pod;
  const node = vaultNode(
    podVault(context.kube, inputs.target, pod, uid ?? undefined),
    context.clock,
    context.timings.vault,
  );
  let answer: InitAnswer;
  try {
    answer = await node.initialize(inputs);
  } catch (error) {
    if (error instanceof VaultRefusal && error.says("already initialized")) return { goTo: "survey" };
    throw error instanceof VaultNoAnswer && error.sent ? await afterNoAnswer(run, error) : error;
  }
  run.record = await recordOf(run, pod, answer);
  return undefined;
}

/** Tells an answer that was lost from a request that never arrived. */
async function afterNoAnswer(run: InitRun, noAnswer: VaultNoAnswer): Promise<Error> {
  const { context, inputs, place, intent } = run;
  const survey = await surveyNodes(surveyArgs(context, inputs.target));
  const initialized = survey.filter(({ state }) => state.kind === "sealed" || state.kind === "unsealed");
  if (initialized.length > 0 && intent !== null) {
    return lostInit(
      place,
      initialized.map(({ pod }) => pod),
      intent,
    );
  }
  return new Error(
    `${noAnswer.message}; run \`up\` again: it finds out whether Vault was initialised before it does anything`,
    { cause: noAnswer },
  );
}

async function recordOf(run: InitRun, pod: string, answer: InitAnswer): Promise<KeysRecord> {
  const { context, inputs, intent, decision } = run;
  const recipients = await Promise.all(inputs.shareRecipients.map(parseRecipient));
  const rootRecipient = await parseRecipient(inputs.rootTokenRecipient);
  const shares = answer.keys_base64.map((message, index) => ({
    recipient: recipients[index]?.fingerprint ?? "",
    message,
  }));
  const { secretShares, secretThreshold } = inputs;
  const now = new Date(context.clock.now()).toISOString();
  return {
    state: "initialized",
    version: 1,
    runId: context.runId,
    writtenAt: now,
    nodes: intent?.nodes ?? [],
    secretShares,
    secretThreshold,
    replaces: decision.kind === "initialize" ? decision.replaces : null,
    ...(inputs.seal === "shamir" ? {} : { seal: inputs.seal }),
    initializedAt: now,
    initializedPod: pod,
    clusterId: null,
    shares,
    rootToken: { recipient: rootRecipient.fingerprint, message: answer.root_token },
    keysFingerprint: keysFingerprintOf({ shares, secretShares, secretThreshold }),
    ...(inputs.keysGeneration > 1 && { generation: inputs.keysGeneration }),
  };
}
