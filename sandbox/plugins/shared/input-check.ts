import { hasUnknown, isObject, Secret, Unknown, type Property, type PropertyMap } from "./property.ts";
import { reveal } from "./property.ts";
import { memberPath, type Fault, type PropertyRule, type PropertyRules, type ValueType } from "./schema.ts";

/** Inputs with defaults and secret marks filled in, and all their faults. */
export interface CheckedInputs {
  readonly inputs: PropertyMap;
  readonly faults: readonly Fault[];
}

/**
 * Holds inputs against the rules. Absent and null are the same.
 * A property without a rule is a fault: a stand-in must not look as if it had done what it has not.
 */
export function checkInputs(inputs: PropertyMap, rules: PropertyRules): CheckedInputs {
  const given = withoutNulls(inputs);
  const faults = objectFaults(given, rules, "");
  return { inputs: marked(withDefaults(given, rules), rules), faults };
}

function withoutNulls(inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));
}

function withDefaults(inputs: PropertyMap, rules: PropertyRules): PropertyMap {
  const defaults = Object.entries(rules).flatMap(([key, rule]): [string, Property][] =>
    rule.default === undefined || inputs[key] !== undefined ? [] : [[key, rule.default]],
  );
  return { ...inputs, ...Object.fromEntries(defaults) };
}

function marked(inputs: PropertyMap, rules: PropertyRules): PropertyMap {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, rules[key]?.secret === true ? new Secret(value) : value]),
  );
}

function objectFaults(object: PropertyMap, rules: PropertyRules, path: string): Fault[] {
  const uncovered = Object.keys(object)
    .filter((key) => rules[key] === undefined)
    .map((key): Fault => ({
      path: memberPath(path, key),
      reason:
        "must be a property this stand-in plugin covers, got one it does not; leave it out, or use the official plugin",
    }));
  const missing = Object.entries(rules)
    .filter(([key, rule]) => rule.required === true && (object[key] ?? null) === null)
    .map(([key]): Fault => ({ path: memberPath(path, key), reason: "must be given, got nothing; set it" }));
  const wrong = Object.entries(object).flatMap(([key, value]) => {
    const rule = rules[key];
    return rule === undefined ? [] : propertyFaults(value, rule, memberPath(path, key));
  });
  return [...uncovered, ...missing, ...wrong];
}

function propertyFaults(value: Property, rule: PropertyRule, path: string): Fault[] {
  const faults = valueFaults(value, rule.type, path);
  if (faults.length > 0 || rule.fault === undefined || value === null || hasUnknown(value)) return faults;
  const reason = rule.fault(reveal(value));
  return reason === undefined ? [] : [{ path, reason }];
}

function valueFaults(value: Property, type: ValueType, path: string): Fault[] {
  if (value instanceof Unknown || value === null) return [];
  if (value instanceof Secret) return valueFaults(value.value, type, path);
  const fault = (expected: string): Fault[] => [
    { path, reason: `must be ${expected}, got ${kindOf(value)}; correct its type` },
  ];
  if (typeof type === "string") return isScalar(value, type) ? [] : fault(`a ${type}`.replace("a i", "an i"));
  if ("list" in type) {
    return Array.isArray(value)
      ? value.flatMap((element, index) => valueFaults(element, type.list, memberPath(path, index)))
      : fault("a list");
  }
  if (!isObject(value)) return fault("an object");
  if ("object" in type) return objectFaults(value, type.object, path);
  return Object.entries(value).flatMap(([key, element]) => valueFaults(element, type.map, memberPath(path, key)));
}

function isScalar(value: Property, type: "string" | "boolean" | "number" | "integer"): boolean {
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

function kindOf(value: Property): string {
  if (Array.isArray(value)) return "a list";
  return isObject(value) ? "an object" : `a ${typeof value}`;
}
