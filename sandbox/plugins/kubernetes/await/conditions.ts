import { isObject, type JsonObject } from "../../shared/property.ts";
import { listAt, numberAt, textAt } from "../object/fields.ts";

/** The condition of a type in `status.conditions`. */
export function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  return listAt(object, "status", "conditions")
    .filter((item) => isObject(item))
    .find((condition) => textAt(condition, "type") === type);
}

/** Whether the condition of a type has the status `True`. */
export function isTrue(object: JsonObject, type: string): boolean {
  return textAt(conditionOf(object, type), "status") === "True";
}

/** `[Reason] message` of a condition that is not `True`; none when it is, is absent or says nothing. */
export function conditionFaults(object: JsonObject, type: string): string[] {
  const condition = conditionOf(object, type);
  if (condition === undefined || textAt(condition, "status") === "True" || textAt(condition, "message") === "")
    return [];
  return [`[${textAt(condition, "reason")}] ${textAt(condition, "message")}`];
}

/** Whether the kind's controller has seen the object as it is now; before that its status is about an older version. */
export function isObserved(object: JsonObject): boolean {
  return (numberAt(object, "status", "observedGeneration") ?? 0) >= (numberAt(object, "metadata", "generation") ?? 1);
}

/** A count in the status; absent means zero. */
export function countOf(object: JsonObject, field: string): number {
  return numberAt(object, "status", field) ?? 0;
}
