import { isDeepStrictEqual } from "node:util";
import { isObject, Unknown, type Draft, type DraftObject } from "./property.ts";
import { memberPath, type PropertyRule, type PropertyRules } from "./schema.ts";

/** One change of an input, or of an output. */
export interface Change {
  /** Path in the engine's notation. */
  readonly path: string;
  /** The property at the top of the path. */
  readonly property: string;
  readonly kind: "add" | "delete" | "update";
  /** Whether the change needs a new resource. */
  readonly replace: boolean;
  /** Whether it is an output that changes, for a reason of its own. @default false */
  readonly isOutput?: boolean;
}

/**
 * What changes from the old inputs to the new ones. An unknown new value counts as a change,
 * and as a replacement where its property replaces: the preview shows the most that can happen.
 */
export function structuralDiff(olds: DraftObject, news: DraftObject, rules: PropertyRules): Change[] {
  return memberKeys(olds, news).flatMap((key) => {
    const rule = rules[key];
    return valueChanges(olds[key], news[key], rule, memberPath("", key)).map(({ path, kind }): Change => ({
      path,
      property: key,
      kind,
      replace: rule?.replace === true,
    }));
  });
}

/** Whether two values of a property mean the same; nothing means the default. */
export function isSame(
  leftGiven: Draft | undefined,
  rightGiven: Draft | undefined,
  rule: PropertyRule | undefined,
): boolean {
  // Inputs that have not been through a check, as in a refresh, lack the defaults of those that have.
  const left = leftGiven ?? rule?.default;
  const right = rightGiven ?? rule?.default;
  if (left instanceof Unknown || right instanceof Unknown) return false;
  if (left === undefined || left === null || right === undefined || right === null) {
    return (left ?? null) === (right ?? null);
  }
  if (rule?.same !== undefined) return rule.same(left, right);
  if (rule?.set === true && Array.isArray(left) && Array.isArray(right)) return isSameSet(left, right);
  const nested = nestedRules(rule);
  if (nested !== undefined && isObject(left) && isObject(right)) {
    return memberKeys(left, right).every((key) => isSame(left[key], right[key], nested[key]));
  }
  return isDeepStrictEqual(left, right);
}

/** The rules of the members of an object property; undefined for other types. */
export function nestedRules(rule: PropertyRule | undefined): PropertyRules | undefined {
  return typeof rule?.type === "object" && "object" in rule.type ? rule.type.object : undefined;
}

function memberKeys(left: DraftObject, right: DraftObject): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
}

interface ValueChange {
  readonly path: string;
  readonly kind: Change["kind"];
}

function valueChanges(
  left: Draft | undefined,
  right: Draft | undefined,
  rule: PropertyRule | undefined,
  path: string,
): ValueChange[] {
  if (isSame(left, right, rule)) return [];
  if ((left ?? null) === null) return [{ path, kind: "add" }];
  if ((right ?? null) === null) return [{ path, kind: "delete" }];
  if (!isObject(left) || !isObject(right)) return [{ path, kind: "update" }];
  const nested = nestedRules(rule) ?? {};
  return memberKeys(left, right).flatMap((key) =>
    valueChanges(left[key], right[key], nested[key], memberPath(path, key)),
  );
}

function isSameSet(left: Draft[], right: Draft[]): boolean {
  const members = (list: Draft[]): string[] => [...new Set(list.map((element) => JSON.stringify(element)))].sort();
  return isDeepStrictEqual(members(left), members(right));
}
