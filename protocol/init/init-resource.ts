/**
 * `vault:Init` for Pulumi: check → pure; create, update → the init protocol; diff, read → look at the pods and the keys
 * Secret; delete → nothing, since the keys go with their namespace.
 */
import type { dynamic } from "@pulumi/pulumi";
import type { InitDecision } from "./init-decision.ts";
import { initFaults } from "./init-faults.ts";
import { lookOnce } from "./init-look.ts";
import { runInit, wantedKeys } from "./init-protocol.ts";
import { UnsavedKeys } from "./init-storage.ts";
import { glance } from "../frame/glance.ts";
import { openKeyring } from "../keys/escrow.ts";
import { originOf } from "../keys/key-set.ts";
import { type KeysRecord, type ParsedRecord, parseRecord, renderRecord } from "../keys/keys-record.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { PartialFailure, resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { openContext, placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
import { authorOf } from "../keys/record-proof.ts";
import { unsavedKeys } from "../stops/runbooks.ts";
import { isSameVault } from "../frame/target-identity.ts";
import type { InitInputs, InitOutputs } from "../types.ts";
import { changedProperties, containsUnknown } from "../frame/unknown.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export async function check(_olds: InitInputs, news: InitInputs): Promise<dynamic.CheckResult<InitInputs>> {
  return { inputs: news, failures: await initFaults(news) };
}

/**
 * An update when an input changed, when keys wait to be written, or when what a look at the cluster finds asks for
 * one. What no `up` could heal is thrown here already, so that a preview shows it.
 *
 * @throws ProtocolStop when the data, or the keys, are gone.
 */
export async function diff(_id: string, olds: InitOutputs, news: InitInputs): Promise<dynamic.DiffResult> {
  const changed = changedProperties<InitInputs>(olds, news, [
    "allowReinitialize",
    "escrowPrivateKey",
    "escrowPreviousPrivateKey",
    "protocolVersion",
  ]);
  const moved = !isSameVault(olds.target, news.target);
  if (moved || changed.length > 0 || containsUnknown(news) || olds.unsavedKeys !== undefined) {
    return { changes: true };
  }
  const decision = await look(news, olds);
  if (decision?.kind === "stop") {
    throw decision.fault;
  }
  if (decision?.kind === "adopt") {
    return { changes: originOf(decision.record) !== olds.keysFingerprint };
  }
  return { changes: decision !== null && decision.kind !== "wait" };
}

/** Initialises Vault, or adopts the keys that are already there. */
export async function create(inputs: InitInputs): Promise<dynamic.CreateResult<InitOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: InitInputs,
): Promise<dynamic.CreateResult<InitOutputs>> {
  return { id: resourceId(inputs.target), outs: await reconcile(context, inputs, null) };
}

/** Runs the protocol again: writes keys an earlier run could not, adopts, or stops. */
export async function update(
  _id: string,
  olds: InitOutputs,
  news: InitInputs,
): Promise<dynamic.UpdateResult<InitOutputs>> {
  return updateIn(await openContext(news.target.kubeContext), olds, news);
}

/** {@link update} in a given context. */
export async function updateIn(
  context: ProtocolContext,
  olds: InitOutputs,
  news: InitInputs,
): Promise<dynamic.UpdateResult<InitOutputs>> {
  return { outs: await reconcile(context, news, olds) };
}

/**
 * What the keys Secret says now. Never empty: an empty answer would take the resource out of the state.
 *
 * @throws when the API server does not answer.
 */
export async function read(id: string, props: InitOutputs): Promise<dynamic.ReadResult<InitOutputs>> {
  const context = await openContext(props.target.kubeContext);
  const { parsed } = await readKeys(context.kube, props.target.namespace, props.keysSecret);
  const found =
    parsed.kind === "keys" && (await isBelievable(props, parsed))
      ? { keysFingerprint: originOf(parsed.record), initializedAt: parsed.record.initializedAt }
      : {};
  return { id, props: { ...props, ...found } };
}

/** A refresh takes note of other keys only when this stack wrote them: else it would believe whoever may write a Secret. */
async function isBelievable(props: InitOutputs, parsed: ParsedRecord): Promise<boolean> {
  if (!provesRecords(props)) {
    return parsed.kind === "keys" && originOf(parsed.record) === props.keysFingerprint;
  }
  return authorOf(parsed, await openKeyring(props)) === "own";
}

/** The run that wrote this state had the escrow key, and proved the record with it. */
function provesRecords(state: InitOutputs): boolean {
  return Object.hasOwn(state, "escrowPrivateKey");
}

/** Nothing to do: the Secret with the keys belongs to the namespace and must outlive Vault itself. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

/** What the protocol would decide now; null when the cluster cannot be asked, which is no fault of a preview. */
async function look(inputs: InitInputs, olds: InitOutputs): Promise<InitDecision | null> {
  return glance(async () => {
    const context = await openContext(inputs.target.kubeContext);
    const look = await lookOnce({
      context,
      inputs,
      keyring: await openKeyring(inputs),
      wanted: await wantedKeys(inputs),
      known: olds.keysFingerprint,
      provesRecords: provesRecords(olds),
      unsaved: null,
      archived: null,
    });
    return look.decision;
  });
}

async function reconcile(context: ProtocolContext, inputs: InitInputs, olds: InitOutputs | null): Promise<InitOutputs> {
  const properties = withoutProvider(inputs);
  try {
    const record = await runInit({
      context,
      inputs,
      known: olds?.keysFingerprint ?? null,
      provesRecords: olds !== null && provesRecords(olds),
      unsaved: unsavedRecord(olds),
    });
    return { ...properties, keysFingerprint: originOf(record), initializedAt: record.initializedAt };
  } catch (error) {
    if (!(error instanceof UnsavedKeys)) {
      throw error;
    }
    const { record } = error;
    const outputs: InitOutputs = {
      ...properties,
      keysFingerprint: record.keysFingerprint,
      initializedAt: record.initializedAt,
      unsavedKeys: renderRecord(record),
    };
    const fault = unsavedKeys(placeOf(inputs.target, inputs.keysSecret), error.message);
    throw new PartialFailure(resourceId(inputs.target), inputs, outputs, [fault.message], { cause: error });
  }
}

function unsavedRecord(olds: InitOutputs | null): KeysRecord | null {
  const parsed = olds?.unsavedKeys === undefined ? null : parseRecord(olds.unsavedKeys);
  return parsed?.kind === "keys" ? parsed.record : null;
}
