/**
 * `vault:Init` for Pulumi: check → pure; create, update → the init protocol; diff, read → look at the pods and the keys
 * Secret; delete → nothing, since the keys go with their namespace.
 */
import type { InitDecision } from "./init-decision.ts";
import { initFaults } from "./init-faults.ts";
import { lookOnce } from "./init-look.ts";
import { runInit, wantedKeys } from "./init-protocol.ts";
import { UnsavedKeys } from "./init-storage.ts";
import { openKeyring } from "../keys/escrow.ts";
import { originOf } from "../keys/key-set.ts";
import { type KeysRecord, type ParsedRecord, parseRecord, renderRecord } from "../keys/keys-record.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { PartialFailure, resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
import { authorOf } from "../keys/record-proof.ts";
import { unsavedKeys as keysUnsaved } from "../stops/runbooks.ts";
import { isSameVault } from "../frame/target-identity.ts";
import type { InitInputs, InitOutputs } from "./init-properties.ts";
import { type Added, defineResource, inVault } from "../frame/resource-frame.ts";

/**
 * Initialises Vault, or adopts the keys that are already there; when run again, it writes keys that an earlier run
 * could not. What no `up` could repair already stops a preview. A refresh never drops the resource: the keys belong to
 * the namespace and outlive Vault itself.
 */
export const { check, diff, create, createIn, update, updateIn, read, delete_ } = defineResource<
  ProtocolContext,
  InitInputs,
  InitOutputs,
  InitDecision
>({
  ...inVault,
  faults: initFaults,
  compared: ["allowReinitialize", "escrowPrivateKey", "escrowPreviousPrivateKey", "protocolVersion"],
  needsAll: true,
  isOff: ({ target, unsavedKeys }, news) => !isSameVault(target, news.target) || unsavedKeys !== undefined,
  find: decisionNow,
  hasWork: (decision, _news, { keysFingerprint }) => {
    if (decision.kind === "stop") throw decision.fault;
    if (decision.kind === "adopt") return originOf(decision.record) !== keysFingerprint;
    return decision.kind !== "wait";
  },
  reconcile: initialised,
  look: async ({ kube }, props) => {
    const { parsed } = await readKeys(kube, props.target.namespace, props.keysSecret);
    if (parsed.kind !== "keys" || !(await isBelievable(props, parsed))) return {};
    return { keysFingerprint: originOf(parsed.record), initializedAt: parsed.record.initializedAt };
  },
});

/**
 * A refresh accepts other keys only when this stack wrote them: otherwise it would believe anybody who may write a
 * Secret.
 */
async function isBelievable(props: InitOutputs, parsed: ParsedRecord): Promise<boolean> {
  if (!provesRecords(props)) return parsed.kind === "keys" && originOf(parsed.record) === props.keysFingerprint;
  return authorOf(parsed, await openKeyring(props)) === "own";
}

/** Whether the run that wrote this state had the escrow key, and proved the record with it. */
function provesRecords(state: InitOutputs): boolean {
  return Object.hasOwn(state, "escrowPrivateKey");
}

/** What the protocol would decide now. */
async function decisionNow(context: ProtocolContext, inputs: InitInputs, olds: InitOutputs): Promise<InitDecision> {
  const { decision } = await lookOnce({
    context,
    inputs,
    keyring: await openKeyring(inputs),
    wanted: await wantedKeys(inputs),
    known: olds.keysFingerprint,
    provesRecords: provesRecords(olds),
    unsaved: null,
    archived: null,
  });
  return decision;
}

async function initialised(
  context: ProtocolContext,
  inputs: InitInputs,
  olds: InitOutputs | null,
): Promise<Added<InitInputs, InitOutputs>> {
  try {
    const record = await runInit({
      context,
      inputs,
      known: olds?.keysFingerprint ?? null,
      provesRecords: olds !== null && provesRecords(olds),
      unsaved: unsavedRecord(olds),
    });
    return { keysFingerprint: originOf(record), initializedAt: record.initializedAt };
  } catch (error) {
    if (!(error instanceof UnsavedKeys)) throw error;
    const { record } = error;
    const outputs: InitOutputs = {
      ...withoutProvider(inputs),
      keysFingerprint: record.keysFingerprint,
      initializedAt: record.initializedAt,
      unsavedKeys: renderRecord(record),
    };
    const fault = keysUnsaved(placeOf(inputs.target, inputs.keysSecret), error.message);
    throw new PartialFailure(resourceId(inputs.target), inputs, outputs, [fault.message], { cause: error });
  }
}

function unsavedRecord(olds: InitOutputs | null): KeysRecord | null {
  const parsed = olds?.unsavedKeys === undefined ? null : parseRecord(olds.unsavedKeys);
  return parsed?.kind === "keys" ? parsed.record : null;
}
