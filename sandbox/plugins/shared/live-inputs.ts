import { isObject, type Json, type JsonObject } from "./property.ts";
import type { LiveState } from "./provider.ts";
import type { PropertyRule, PropertyRules } from "./schema.ts";
import { isSame, nestedRules } from "./structural-diff.ts";

/**
 * The inputs of a resource as they are live, so that drift shows as a change and nothing else does:
 * an input the program never declared stays undeclared, and a value that only reads differently stays as written.
 * What the server does not tell (a write-only input) is taken as unchanged; a null says that it is gone.
 */
export function liveInputs(live: LiveState, stored: JsonObject, rules: PropertyRules): JsonObject {
  if (live.inputs !== undefined) return live.inputs;
  return Object.keys(stored).length === 0 ? importedInputs(live.outputs, rules) : declared(stored, live.outputs, rules);
}

function declared(stored: JsonObject, live: JsonObject, rules: PropertyRules): JsonObject {
  return Object.fromEntries(
    Object.entries(stored).map(([key, value]): [string, Json] => [key, liveValue(value, live[key], rules[key])]),
  );
}

function liveValue(stored: Json, live: Json | undefined, rule: PropertyRule | undefined): Json {
  if (live === undefined || isSame(stored, live, rule)) return stored;
  const nested = nestedRules(rule);
  return nested !== undefined && isObject(stored) && isObject(live) ? declared(stored, live, nested) : live;
}

function importedInputs(outputs: JsonObject, rules: PropertyRules): JsonObject {
  return Object.fromEntries(
    Object.entries(outputs).filter(([key, value]) => {
      const rule = rules[key];
      return rule !== undefined && (rule.default === undefined ? !isZero(value) : value !== rule.default);
    }),
  );
}

/** Servers return zero values for what nobody set. */
function isZero(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === "" || value === 0 || value === false;
}
