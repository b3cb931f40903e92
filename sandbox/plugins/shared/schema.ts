import type { Draft } from "./property.ts";

/** The shape of a value. */
export type ValueType =
  | "string"
  | "boolean"
  | "number"
  | "integer"
  | { readonly list: ValueType }
  | { readonly map: ValueType }
  | { readonly object: PropertyRules };

/** What a stand-in knows of one property. */
export interface PropertyRule {
  readonly type: ValueType;
  /** @default false */
  readonly required?: boolean;
  /** Filled in by `check` when the program gives nothing. @default - none */
  readonly default?: null | boolean | number | string;
  /** Encrypted in the state, whether or not the program marked it. @default false */
  readonly secret?: boolean;
  /** A change makes a new resource instead of updating. @default false */
  readonly replace?: boolean;
  /** A list whose order and duplicates mean nothing. @default false */
  readonly set?: boolean;
  /** When two values mean the same. @default - structural equality */
  readonly same?: (left: Draft, right: Draft) => boolean;
  /**
   * Why a value is refused; undefined when it is fine. Called with known values only. Never put the value of a secret
   * into the text. Form: `must hold this, got that; do so`.
   * @default - every value of the type is fine
   */
  readonly fault?: (value: Draft) => string | undefined;
}

/** Property rules by property name. A property without a rule is an error, never ignored. */
export type PropertyRules = Readonly<Record<string, PropertyRule>>;

/** Something wrong with the inputs: where, and what must hold instead. */
export interface Fault {
  /** Property path, or an empty string for the resource as a whole. */
  readonly path: string;
  /** `must hold this, got that; do so`, without values of secrets. */
  readonly reason: string;
}

/** The path of a member, in the engine's notation: `a.b[0]["c.d"]`. */
export function memberPath(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === "" ? key : `${parent}.${key}`;
}
