import { PartialFailure, PluginError } from "../../shared/errors.ts";
import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import type { LiveState, OperationContext, ReadRequest } from "../../shared/provider.ts";
import { UnreachableError } from "../api/api-error.ts";
import { assertReady, NotReadyError, ruleFor } from "../await/await-ready.ts";
import { driftedInputs } from "../object/drift.ts";
import { omit, parseId } from "../object/fields.ts";
import { adoptedInputs, normalised } from "../object/inputs.ts";
import { inProgramSpelling } from "../object/schema-extensions.ts";
import { withDecodedData } from "../object/secret-data.ts";
import type { GroupVersionKind } from "../object/type-token.ts";
import { fieldManagerOf, stateOf } from "../object/state.ts";
import type { Session } from "../session.ts";

/**
 * The live object, or undefined when it is gone.
 * @throws PartialFailure when it is there but not ready, for the kinds of which a refresh tells that
 */
export async function readObject(
  kind: GroupVersionKind,
  session: Session,
  { id, inputs, outputs }: ReadRequest,
  { signal }: Pick<OperationContext, "signal">,
): Promise<LiveState | undefined> {
  const live = await find(kind, session, id, signal);
  if (live === undefined) return undefined;
  const isManaged = Object.keys(inputs).length > 0;
  const state: LiveState & { inputs: JsonObject } = {
    id,
    inputs: isManaged ? liveInputs(inputs, outputs, live) : adoptedInputs(live),
    outputs: stateOf(live, fieldManagerOf(outputs)),
  };
  if (isManaged) await holdReady(kind, session, live, state, signal);
  return state;
}

async function find(
  kind: GroupVersionKind,
  session: Session,
  id: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  try {
    const live = await session.cluster.objects.find({ ...kind, ...parseId(id) }, signal);
    return live === undefined ? undefined : inProgramSpelling(live);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    if (session.settings.deleteUnreachable) return undefined;
    throw unreachable(error);
  }
}

function liveInputs(inputs: JsonObject, settled: JsonObject, live: JsonObject): JsonObject {
  // The state has every input at its top level, also the empty ones that the server never stored.
  const unstored = Object.keys(inputs).filter((key) => live[key] === undefined && isEmpty(inputs[key]));
  return normalised(
    driftedInputs(inputs, omit(withDecodedData(settled, inputs), unstored), withDecodedData(live, inputs)),
  ) as JsonObject;
}

function isEmpty(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

async function holdReady(
  kind: GroupVersionKind,
  session: Session,
  live: JsonObject,
  state: LiveState & { inputs: JsonObject },
  signal: AbortSignal,
): Promise<void> {
  const rule = ruleFor(state.inputs, kind);
  if (rule?.onRead !== true) return;
  try {
    await assertReady(session.cluster.objects, live, rule, signal);
  } catch (error) {
    if (error instanceof NotReadyError) throw new PartialFailure(state, error.reasons);
    throw error;
  }
}

/** What to do about a cluster that does not answer. */
export function unreachable(error: UnreachableError): PluginError {
  return new PluginError(
    `kubeconfig: must be that of a cluster that can be reached, got one that cannot: ${error.message}; start the cluster, ` +
      "or, when it is gone for good, run again with PULUMI_K8S_DELETE_UNREACHABLE=true so that its resources are forgotten",
  );
}
