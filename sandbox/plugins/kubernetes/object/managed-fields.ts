import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import { listAt, objectAt, textAt } from "./fields.ts";

/** The manager that creates are recorded under; the first update hands its fields to the resource's own manager. */
export const creatingManager = "pulumi-kubernetes";

/**
 * The object's managers with the fields of its creation, and of anything done with `kubectl`, handed to `manager`, so
 * that an apply may change and remove them. Undefined when there is nothing to hand over.
 */
export function handedOver(object: JsonObject, manager: string): Json[] | undefined {
  const entries = listAt(object, "metadata", "managedFields").filter((item) => isObject(item));
  const yielding = entries.filter(isYielding);
  if (yielding.length === 0) return undefined;
  const own = entries.find((entry) => isOwn(entry, manager));
  const fields = [own, ...yielding].map((entry) => objectAt(entry, "fieldsV1")).reduce(union, {});
  const taken: JsonObject = { ...(own ?? yielding[0]), manager, operation: "Apply", fieldsV1: fields };
  return [...entries.filter((entry) => !isYielding(entry) && !isOwn(entry, manager)), taken];
}

/** Whether an apply would be refused only because of managers that {@link handedOver} makes yield. */
export function hasYieldingManager(object: JsonObject): boolean {
  return listAt(object, "metadata", "managedFields").some((entry) => isObject(entry) && isYielding(entry));
}

/** Managers other than controllers: their changes are drift, and the program's word stands above them. */
function isYielding(entry: JsonObject): boolean {
  if (textAt(entry, "subresource") !== "") return false;
  const manager = textAt(entry, "manager");
  if (textAt(entry, "operation") === "Apply") return manager.startsWith("kubectl");
  return ["kubectl", "before-first-apply", creatingManager, "pulumi-resource-kubernetes"].some((name) =>
    manager.startsWith(name),
  );
}

function isOwn(entry: JsonObject, manager: string): boolean {
  return (
    textAt(entry, "manager") === manager &&
    textAt(entry, "operation") === "Apply" &&
    textAt(entry, "subresource") === ""
  );
}

/** Field sets are trees of keys: the union has every key of both. */
function union(left: JsonObject, right: JsonObject): JsonObject {
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return Object.fromEntries(keys.map((key) => [key, union(objectAt(left, key), objectAt(right, key))]));
}
