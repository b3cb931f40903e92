import { isObject, Unknown, type Draft, type DraftObject, type JsonObject } from "../../shared/property.ts";
import type { Fault } from "../../shared/schema.ts";
import { PluginError } from "../../shared/errors.ts";
import { objectAt, omit } from "./fields.ts";
import { inProgramSpelling } from "./schema-extensions.ts";

/** The inputs in the one form in which they are stored and compared: no nulls, nothing only the server may set. */
export function normalised(inputs: DraftObject): DraftObject {
  const { metadata, ...rest } = withoutNulls(inProgramSpelling(inputs));
  return { ...rest, metadata: isObject(metadata) ? omit(metadata, serverMetadata) : (metadata ?? {}) };
}

/** The inputs of an object the program did not make: everything but what only the server may set. */
export function adoptedInputs(live: JsonObject): JsonObject {
  const { metadata, ...rest } = omit(live, ["status"]);
  const own = isObject(metadata) ? omit(metadata, serverMetadata) : {};
  const annotations = omit(objectAt(own, "annotations"), serverAnnotations);
  return { ...rest, metadata: { ...own, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) } };
}

/** Faults a server cannot tell, because it never sees them or sees them too late. */
export function inputFaults(inputs: DraftObject, validate: (known: JsonObject) => void): Fault[] {
  const annotations = draftAt(draftAt(inputs, "metadata"), "annotations");
  const known = Object.fromEntries(Object.entries(annotations).filter(([, value]) => typeof value === "string"));
  try {
    validate({ metadata: { annotations: known as JsonObject } });
    return [];
  } catch (error) {
    if (error instanceof PluginError) return [{ path: "", reason: error.message }];
    throw error;
  }
}

/** The object at a key, or an empty one when it is absent or unknown. */
export function draftAt(object: DraftObject, key: string): DraftObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

const serverMetadata: readonly string[] = [
  ...["creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields"],
  ...["resourceVersion", "selfLink", "uid"],
];

const serverAnnotations: readonly string[] = [
  "deployment.kubernetes.io/revision",
  "kubectl.kubernetes.io/last-applied-configuration",
];

function withoutNulls(object: DraftObject): DraftObject {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, withoutNullsInside(value)]),
  );
}

function withoutNullsInside(value: Draft): Draft {
  if (value instanceof Unknown) return value;
  if (Array.isArray(value)) return value.map(withoutNullsInside);
  return isObject(value) ? withoutNulls(value) : value;
}
