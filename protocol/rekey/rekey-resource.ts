/**
 * `vault:Rekey` for Pulumi: check → pure; create, update → the rekey protocol; diff → compare the keys in the Secret,
 * and how many Vault asks for, with the ones described; read → the keys in the Secret; delete → nothing, since the keys
 * stay.
 */
import { escrowFaults } from "../keys/escrow.ts";
import { keySetFaults } from "../init/init-faults.ts";
import { wantedKeys } from "../init/init-protocol.ts";
import { differenceOf } from "../keys/key-set.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { loginFaults } from "../admin-access/login-faults.ts";
import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { runRekey } from "./rekey-protocol.ts";
import { surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { RekeyInputs, RekeyOutputs } from "./rekey-properties.ts";
import { fitsNode } from "../unseal/unseal-judgement.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";

/** Makes the keys in use the ones described; right after initialisation they already are. */
export const { check, diff, create, createIn, update, read, delete_ } = defineResource<
  ProtocolContext,
  RekeyInputs,
  RekeyOutputs
>({
  ...inVault,
  faults: async (faults, inputs) => {
    targetFaults(faults, inputs.target);
    faults.label("keysSecret", inputs.keysSecret);
    faults.text("clusterId", inputs.clusterId);
    loginFaults(faults, inputs);
    await keySetFaults(faults, inputs);
    await escrowFaults(faults, inputs);
  },
  compared: [
    ...(["target", "keysSecret", "secretShares", "secretThreshold"] as const),
    ...(["shareRecipients", "keysGeneration", "protocolVersion"] as const),
  ],
  needsAll: true,
  find: isUnfinished,
  reconcile: async (context, inputs) => ({ keysInUse: (await runRekey(context, inputs)).keysFingerprint }),
  look: async ({ kube }, { target, keysSecret }) => {
    const { parsed } = await readKeys(kube, target.namespace, keysSecret);
    return parsed.kind === "keys" ? { keysInUse: parsed.record.keysFingerprint } : {};
  },
});

async function isUnfinished(context: ProtocolContext, inputs: RekeyInputs): Promise<boolean> {
  const { parsed } = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
  if (parsed.kind !== "keys") return false;
  const { record } = parsed;
  if (record.pending !== undefined || differenceOf(record, await wantedKeys(inputs)) !== null) return true;
  const survey = await surveyNodes(surveyArgs(context, inputs.target));
  return survey.some(({ state }) => state.kind === "unsealed" && state.role === "active" && !fitsNode(record, state));
}
