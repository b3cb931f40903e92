import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import { textAt } from "./fields.ts";

/**
 * The inputs as they are live. An input stays as the program wrote it for as long as the live value is the one that
 * came of it, however the server spells it (`1024Mi` as `1Gi`, an empty map not at all); only what changed since then
 * is drift and is taken over. Fields the program never declared are not its business.
 * @param inputs what was applied last
 * @param settled the object as it was when the inputs had been applied
 * @param live the object now
 */
export function driftedInputs(inputs: JsonObject, settled: JsonObject, live: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([key, input]) => {
      const value = drifted(input, settled[key], live[key]);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function drifted(input: Json, settled: Json | undefined, live: Json | undefined): Json | undefined {
  if (isDeepStrictEqual(settled, live)) return input;
  if (isObject(input) && isObject(settled) && isObject(live)) return driftedInputs(input, settled, live);
  if (Array.isArray(input) && Array.isArray(settled) && Array.isArray(live)) return driftedList(input, settled, live);
  return live;
}

function driftedList(inputs: readonly Json[], settled: readonly Json[], live: readonly Json[]): Json[] {
  if (isKeyed(inputs) && isKeyed(settled) && isKeyed(live)) return driftedByName(inputs, settled, live);
  if (inputs.length !== settled.length || inputs.length !== live.length) return [...live];
  return inputs.map((input, index) => drifted(input, settled[index], live[index]) ?? null);
}

/** Lists of named members merge by name: a container somebody injects is as foreign as a field somebody adds. */
function driftedByName(inputs: readonly Json[], settled: readonly Json[], live: readonly Json[]): Json[] {
  const named = (list: readonly Json[], name: string): Json | undefined =>
    list.find((member) => textAt(member, "name") === name);
  return inputs.flatMap((input) => {
    const name = textAt(input, "name");
    const value = drifted(input, named(settled, name), named(live, name));
    return value === undefined ? [] : [value];
  });
}

function isKeyed(list: readonly Json[]): boolean {
  const names = list.map((member) => textAt(member, "name"));
  return list.length > 0 && names.every((name) => name !== "") && new Set(names).size === names.length;
}
