import { isObject, type Draft, type DraftObject, type JsonObject } from "../../shared/property.ts";

/**
 * `x-kubernetes-…` keys of the schemas in custom resource definitions. Typed programs write them with underscores,
 * because SDK properties are identifiers; the API wants hyphens.
 */
const extensions: readonly string[] = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];

const toApi = new Map(extensions.map((key) => [key.replaceAll("-", "_"), key]));
const toProgram = new Map(extensions.map((key) => [key, key.replaceAll("-", "_")]));

/** The object as the API spells it. */
export function inApiSpelling(object: JsonObject): JsonObject {
  return renamed(object, toApi) as JsonObject;
}

/** The object as programs spell it. */
export function inProgramSpelling<Value extends DraftObject>(object: Value): Value {
  return renamed(object, toProgram) as Value;
}

function renamed(object: DraftObject, names: ReadonlyMap<string, string>): DraftObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [names.get(key) ?? key, renamedValue(value, names)]),
  );
}

function renamedValue(value: Draft, names: ReadonlyMap<string, string>): Draft {
  if (Array.isArray(value)) return value.map((element) => renamedValue(element, names));
  return isObject(value) ? renamed(value, names) : value;
}
