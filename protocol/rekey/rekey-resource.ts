/**
 * `vault:Rekey` for Pulumi: check → pure; create, update → the rekey protocol; diff → compare the keys in the Secret, and
 * how many Vault asks for, with the ones described; read → the keys in the Secret; delete → nothing, since the keys stay.
 */
import type { dynamic } from "@pulumi/pulumi";
import { escrowFaults } from "../keys/escrow.ts";
import { type Fault, Faults } from "../frame/faults.ts";
import { glance } from "../frame/glance.ts";
import { keySetFaults } from "../init/init-faults.ts";
import { wantedKeys } from "../init/init-protocol.ts";
import { differenceOf } from "../keys/key-set.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { loginFaults } from "../admin-access/login-faults.ts";
import { resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { openContext, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { runRekey } from "./rekey-protocol.ts";
import { surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { RekeyInputs, RekeyOutputs } from "../types.ts";
import { changedProperties, containsUnknown } from "../frame/unknown.ts";
import { fitsNode } from "../unseal/unseal-judgement.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export async function check(_olds: RekeyInputs, news: RekeyInputs): Promise<dynamic.CheckResult<RekeyInputs>> {
  return { inputs: news, failures: await rekeyFaults(news) };
}

async function rekeyFaults(inputs: RekeyInputs): Promise<Fault[]> {
  const faults = new Faults();
  targetFaults(faults, inputs.target);
  faults.label("keysSecret", inputs.keysSecret);
  faults.text("clusterId", inputs.clusterId);
  loginFaults(faults, inputs);
  faults.integer("protocolVersion", inputs.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  await keySetFaults(faults, inputs);
  return [...faults.list, ...(await escrowFaults(inputs))];
}

/** An update when the keys described changed, when those in the Secret differ from them, or when a rekey is not done. */
export async function diff(_id: string, olds: RekeyOutputs, news: RekeyInputs): Promise<dynamic.DiffResult> {
  const inputs = [
    "target",
    "keysSecret",
    "secretShares",
    "secretThreshold",
    "shareRecipients",
    "keysGeneration",
    "protocolVersion",
  ] as const;
  const changed = changedProperties<RekeyInputs>(olds, news, inputs);
  if (changed.length > 0 || containsUnknown(news)) {
    return { changes: true };
  }
  return {
    changes: (await glance(async () => isUnfinished(await openContext(news.target.kubeContext), news))) === true,
  };
}

async function isUnfinished(context: ProtocolContext, inputs: RekeyInputs): Promise<boolean> {
  const { parsed } = await readKeys(context.kube, inputs.target.namespace, inputs.keysSecret);
  if (parsed.kind !== "keys") {
    return false;
  }
  const { record } = parsed;
  if (record.pending !== undefined || differenceOf(record, await wantedKeys(inputs)) !== null) {
    return true;
  }
  const survey = await surveyNodes(surveyArgs(context, inputs.target));
  return survey.some(({ state }) => state.kind === "unsealed" && state.role === "active" && !fitsNode(record, state));
}

/** Makes the keys in use the ones described; right after initialising they are. */
export async function create(inputs: RekeyInputs): Promise<dynamic.CreateResult<RekeyOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: RekeyInputs,
): Promise<dynamic.CreateResult<RekeyOutputs>> {
  return { id: resourceId(inputs.target), outs: await reconcile(context, inputs) };
}

/** The same as {@link create}. */
export async function update(
  _id: string,
  _olds: RekeyOutputs,
  news: RekeyInputs,
): Promise<dynamic.UpdateResult<RekeyOutputs>> {
  return { outs: await reconcile(await openContext(news.target.kubeContext), news) };
}

/**
 * The keys in use, as the Secret says.
 *
 * @throws when the API server does not answer.
 */
export async function read(id: string, props: RekeyOutputs): Promise<dynamic.ReadResult<RekeyOutputs>> {
  const { kube } = await openContext(props.target.kubeContext);
  const { parsed } = await readKeys(kube, props.target.namespace, props.keysSecret);
  return { id, props: { ...props, ...(parsed.kind === "keys" && { keysInUse: parsed.record.keysFingerprint }) } };
}

/** Nothing to do: the keys in use stay in use. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

async function reconcile(context: ProtocolContext, inputs: RekeyInputs): Promise<RekeyOutputs> {
  const { keysFingerprint } = await runRekey(context, inputs);
  return { ...withoutProvider(inputs), keysInUse: keysFingerprint };
}
