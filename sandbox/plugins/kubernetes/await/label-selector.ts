import type { Json, JsonObject } from "../../shared/property.ts";
import { listAt, objectAt, textAt } from "../object/fields.ts";

/** A selector as the API's `labelSelector` query takes it; empty for one that selects nothing by itself. */
export function labelSelector(selector: JsonObject): string {
  const labels = Object.keys(objectAt(selector, "matchLabels")).map(
    (key) => `${key}=${textAt(selector, "matchLabels", key)}`,
  );
  return [...labels, ...listAt(selector, "matchExpressions").map(expression)].join(",");
}

function expression(requirement: Json): string {
  const key = textAt(requirement, "key");
  const values = listAt(requirement, "values").map(String).join(",");
  switch (textAt(requirement, "operator")) {
    case "In":
      return `${key} in (${values})`;
    case "NotIn":
      return `${key} notin (${values})`;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return key;
  }
}
