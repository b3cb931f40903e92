import type { JsonObject } from "./property.ts";
import type { LiveState } from "./provider.ts";
import type { PropertyRules } from "./schema.ts";
import { isSame } from "./structural-diff.ts";

/**
 * The inputs of a resource as they are live, so that drift shows as a change and nothing else does:
 * an input the program never declared stays undeclared, and a value that only reads differently stays as written.
 * What the server does not tell (a write-only input) is taken as unchanged.
 */
export function liveInputs(live: LiveState, stored: JsonObject, rules: PropertyRules): JsonObject {
  if (live.inputs !== undefined) return live.inputs;
  if (Object.keys(stored).length === 0) return importedInputs(live.outputs, rules);
  return Object.fromEntries(
    Object.entries(stored).map(([key, value]) => {
      const found = live.outputs[key];
      return [key, found === undefined || isSame(value, found, rules[key]) ? value : found];
    }),
  );
}

function importedInputs(outputs: JsonObject, rules: PropertyRules): JsonObject {
  return Object.fromEntries(
    Object.entries(outputs).filter(([key, value]) => {
      const rule = rules[key];
      return rule !== undefined && value !== null && value !== rule.default;
    }),
  );
}
