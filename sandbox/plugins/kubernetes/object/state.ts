import { randomBytes } from "node:crypto";
import type { JsonObject } from "../../shared/property.ts";
import { textAt } from "./fields.ts";
import { inProgramSpelling } from "./schema-extensions.ts";

/** Keys of the state that are no fields of the object. */
export const stateKeys = {
  /** The name under which the resource owns its fields. */
  fieldManager: "__fieldManager",
  /** What was applied. Only the official plugin reads it; with it a stack can change over to that plugin. */
  inputs: "__inputs",
} as const;

/** The state of a resource: its live object, and as whom it is applied. */
export function stateOf(live: JsonObject, fieldManager: string): JsonObject {
  return { ...inProgramSpelling(live), [stateKeys.fieldManager]: fieldManager };
}

/** The name under which a resource owns its fields: as before, else a new one of its own. */
export function fieldManagerOf(state: JsonObject): string {
  const stored = textAt(state, stateKeys.fieldManager);
  return stored === "" ? `pulumi-kubernetes-${randomBytes(4).toString("hex")}` : stored;
}
