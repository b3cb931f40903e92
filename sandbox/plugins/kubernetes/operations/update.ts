import { PluginError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/property.ts";
import { isConflict, type ApiError } from "../api/api-error.ts";
import { referenceOf, type Objects } from "../api/objects.ts";
import { annotations, isAnnotated } from "../object/annotations.ts";
import { nameOf, textAt, withMetadata } from "../object/fields.ts";
import { handedOver, hasYieldingManager } from "../object/managed-fields.ts";

/** How an update is made. */
export interface UpdateOptions {
  /** The name under which the resource owns its fields. */
  readonly fieldManager: string;
  /** Take fields from other managers even without the annotation. */
  readonly force: boolean;
  /** Have the server say what it would do, and not do it. */
  readonly dryRun: boolean;
}

/**
 * Brings a live object to the inputs by server-side apply. Definitions of custom resources are replaced as a whole,
 * because removing a field of a schema is no matter of owning it.
 * @throws PluginError when the object is gone, or fields belong to another manager
 */
export async function updateObject(
  objects: Objects,
  object: JsonObject,
  options: UpdateOptions,
  signal?: AbortSignal,
): Promise<JsonObject> {
  const live = await objects.find(referenceOf(object), signal);
  if (live === undefined) {
    throw new PluginError(
      `${textAt(object, "kind")} ${nameOf(object)}: must exist to be updated, got none; run again with --refresh so that it is created anew`,
    );
  }
  if (textAt(object, "kind") === "CustomResourceDefinition")
    return replaceObject(objects, object, live, options, signal);
  if (!options.dryRun) await takeOver(objects, live, options.fieldManager, signal);
  // In a preview nothing is handed over yet, so what will be has to be taken.
  const force =
    options.force || isAnnotated(object, annotations.patchForce) || (options.dryRun && hasYieldingManager(live));
  try {
    return await objects.apply(object, { ...options, force }, signal);
  } catch (error) {
    if (isConflict(error)) throw fieldConflict(object, error as ApiError, options.fieldManager);
    throw error;
  }
}

async function replaceObject(
  objects: Objects,
  object: JsonObject,
  live: JsonObject,
  options: UpdateOptions,
  signal: AbortSignal | undefined,
): Promise<JsonObject> {
  return whileOthersChange(objects, live, signal, (current) => {
    const resourceVersion = textAt(current, "metadata", "resourceVersion");
    return objects.replace(withMetadata(object, { resourceVersion }), options, signal);
  });
}

async function takeOver(
  objects: Objects,
  live: JsonObject,
  manager: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await whileOthersChange(objects, live, signal, async (current) => {
    const managers = handedOver(current, manager);
    if (managers === undefined) return current;
    const resourceVersion = textAt(current, "metadata", "resourceVersion");
    return objects.patch(
      referenceOf(live),
      [
        { op: "replace", path: "/metadata/managedFields", value: managers },
        // Makes the server refuse when somebody else changed the object meanwhile.
        { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
      ],
      signal,
    );
  });
}

/** Tries again with the object as it is then, when it was changed by others between reading and writing it. */
async function whileOthersChange(
  objects: Objects,
  live: JsonObject,
  signal: AbortSignal | undefined,
  write: (current: JsonObject) => Promise<JsonObject>,
): Promise<JsonObject> {
  for (let current = live, attempt = 1; ; attempt += 1) {
    try {
      return await write(current);
    } catch (error) {
      if (!isConflict(error) || attempt === writeAttempts) throw error;
      current = await objects.get(referenceOf(live), signal);
    }
  }
}

const writeAttempts = 5;

function fieldConflict(object: JsonObject, error: ApiError, manager: string): PluginError {
  const conflicts = error.causes.map(({ message, field }) => `${field} (${message})`).join(", ");
  return new PluginError(
    `${textAt(object, "kind")} ${nameOf(object)}: its fields must belong to field manager ${manager}, got fields of others: ` +
      `${conflicts === "" ? error.message : conflicts}; leave those fields to them, or set the annotation ${annotations.patchForce}: "true" to take them`,
  );
}
