import { PartialFailure } from "../shared/errors.ts";
import { hasUnknown, known, type DraftObject, type JsonObject } from "../shared/property.ts";
import type { OperationContext, ResourceState, ResourceType, UpdateRequest } from "../shared/provider.ts";
import { otherProperties, type PropertyRules } from "../shared/schema.ts";
import { referenceOf } from "./api/objects.ts";
import { awaitReady, NotReadyError, ruleFor } from "./await/await-ready.ts";
import { checkObject } from "./object/check.ts";
import { diffObject } from "./object/diff.ts";
import { timeoutOf } from "./object/annotations.ts";
import { idOf, textAt } from "./object/fields.ts";
import { fieldManagerOf, stateKeys, stateOf } from "./object/state.ts";
import type { Cluster } from "./cluster.ts";
import type { GroupVersionKind } from "./object/type-token.ts";
import { wireObject } from "./object/wire.ts";
import { createObject } from "./operations/create.ts";
import { deleteObject } from "./operations/delete.ts";
import { previewCreate, previewUpdate } from "./operations/preview.ts";
import { readObject } from "./operations/read.ts";
import { updateObject } from "./operations/update.ts";
import type { Session } from "./session.ts";

/**
 * Objects of one kind. Nothing but the kind is known in advance: the API server validates every field strictly, and the
 * state is the live object.
 */
export function objectType(kind: GroupVersionKind, session: () => Session): ResourceType {
  const rules = inputRules(kind);
  return {
    inputs: rules,
    outputs: rules,
    inputsKey: stateKeys.inputs,
    check: (news, context) => checkObject(kind, session(), news, context),
    diff: (request) => diffObject(kind, session().settings, request),
    preview: async ({ id, news, oldOutputs }) => {
      const cluster = await session().reachableCluster();
      if (cluster === undefined) return news;
      const options = { force: session().settings.enablePatchForce, dryRun: true };
      if (id !== undefined) {
        return previewUpdate(cluster, news, { ...options, fieldManager: fieldManagerOf(oldOutputs as JsonObject) });
      }
      const existing = await existingToTakeOver(session(), cluster, news);
      if (existing === undefined) return previewCreate(cluster, news);
      return previewUpdate(cluster, news, { ...options, fieldManager: fieldManagerOf({}) });
    },
    create: async (inputs, context) => {
      const fieldManager = fieldManagerOf({});
      const created = await createOrTakeOver(session(), wireObject(inputs), fieldManager, context);
      return settled(session(), kind, inputs, created, fieldManager, context);
    },
    update: async (request, context) => (await update(session(), kind, request, context)).outputs,
    read: (request, context) => readObject(kind, session(), request, context),
    delete: (request, context) => deleteObject(kind, session(), request, context),
  };
}

/** The contents of Secrets are secret, whether the program marked them or not. */
function inputRules({ apiVersion, kind }: GroupVersionKind): PropertyRules {
  const any = { [otherProperties]: { type: "any" } } satisfies PropertyRules;
  if (apiVersion !== "v1" || kind !== "Secret") return any;
  return { ...any, data: { type: "any", secret: true }, stringData: { type: "any", secret: true } };
}

/** Creates an object; where the settings say so, an existing one is brought to the inputs instead. */
async function createOrTakeOver(
  session: Session,
  object: JsonObject,
  fieldManager: string,
  { signal, log }: OperationContext,
): Promise<JsonObject> {
  const { cluster, settings } = session;
  const existing = await existingToTakeOver(session, cluster, object, signal);
  if (existing === undefined) return createObject(cluster.objects, object, signal, log);
  const options = { fieldManager, force: settings.enablePatchForce, dryRun: false };
  return updateObject(cluster.objects, object, options, signal);
}

async function existingToTakeOver(
  { settings }: Session,
  { objects }: Cluster,
  object: DraftObject,
  signal?: AbortSignal,
): Promise<JsonObject | undefined> {
  if (!settings.upsertExistingObjects || hasUnknown(object)) return undefined;
  const existing = await objects.find(referenceOf(known(object)), signal);
  // One that is on its way out cannot be kept; creating says so.
  return textAt(existing, "metadata", "deletionTimestamp") === "" ? existing : undefined;
}

async function update(
  session: Session,
  kind: GroupVersionKind,
  { news, oldOutputs }: UpdateRequest,
  context: OperationContext,
): Promise<ResourceState> {
  const fieldManager = fieldManagerOf(oldOutputs);
  const options = { fieldManager, force: session.settings.enablePatchForce, dryRun: false };
  const updated = await updateObject(session.cluster.objects, wireObject(news), options, context.signal);
  return settled(session, kind, news, updated, fieldManager, context);
}

/** The state once the object is ready. @throws PartialFailure when it does not become so, with the state there is */
async function settled(
  session: Session,
  kind: GroupVersionKind,
  inputs: JsonObject,
  applied: JsonObject,
  fieldManager: string,
  { signal, log, timeoutSeconds }: OperationContext,
): Promise<ResourceState> {
  const state = (live: JsonObject): ResourceState => ({
    id: idOf(live),
    outputs: stateOf(live, fieldManager),
  });
  const rule = ruleFor(inputs, kind);
  if (rule === undefined) return state(applied);
  const timeoutMilliseconds = timeoutOf(inputs, timeoutSeconds);
  try {
    return state(await awaitReady(session.cluster.objects, applied, rule, { signal, log, timeoutMilliseconds }));
  } catch (error) {
    if (error instanceof NotReadyError) throw new PartialFailure(state(error.object), error.reasons);
    throw error;
  }
}
