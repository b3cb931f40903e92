/** A plain value, as an operation on a real resource gets and returns it: no secrets, nothing unknown. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A plain object. */
export interface JsonObject {
  [key: string]: Json;
}

/** A plain value in which parts may still be unknown, as in a preview. Secrets are revealed. */
export type Draft = Unknown | null | boolean | number | string | Draft[] | DraftObject;

/** An object in which parts may still be unknown. */
export interface DraftObject {
  [key: string]: Draft;
}

/** A value as the engine sends and stores it: with its secret marks and unknown parts. */
export type Property = Secret | Unknown | null | boolean | number | string | Property[] | PropertyMap;

/** Properties of a resource by name. */
export interface PropertyMap {
  [key: string]: Property;
}

/** A value the engine does not know yet; only previews contain it. */
export class Unknown {
  readonly unknown = true;
}

/** The one unknown value: compare by `instanceof Unknown`. */
export const unknown = new Unknown();

/** A value that is encrypted in the state and masked on the console. */
export class Secret {
  readonly value: Exclude<Property, Secret>;

  constructor(value: Property) {
    this.value = value instanceof Secret ? value.value : value;
  }
}

/** Whether a value is an object with keys, as opposed to a list, a mark or a plain value. */
export function isObject(value: Json | undefined): value is JsonObject;
export function isObject(value: Draft | undefined): value is DraftObject;
export function isObject(value: Property | undefined): value is PropertyMap;
export function isObject(value: Property | Draft | undefined): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/** The value without its secret marks; unknown parts stay. Never put the result into a message. */
export function reveal(value: Property): Draft {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (isObject(value)) return revealAll(value);
  return value;
}

/** {@link reveal} for a whole object. */
export function revealAll(properties: PropertyMap): DraftObject {
  return mapObject(properties, reveal);
}

/** Whether any part of the value is unknown. */
export function hasUnknown(value: Property): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return hasUnknown(value.value);
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Whether any part of the value is secret. */
function hasSecret(value: Property): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(hasSecret);
  return isObject(value) && Object.values(value).some(hasSecret);
}

/**
 * Narrows a draft to a plain object.
 * @throws Error when a part is unknown: outside previews the engine never sends that
 */
export function known(draft: DraftObject): JsonObject {
  return mapObject(draft, knownValue);
}

/** The text; undefined when it is empty, unknown or no text at all. */
export function filledText(value: Draft | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * A text among plain values.
 * @throws Error when it is something else: `check` has let nothing else through
 */
export function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value !== "string") throw new Error(`${key}: a text is expected here`);
  return value;
}

/**
 * The plain `values` with the secret marks of `marked` put back at the same places.
 * A list with any secret element becomes secret as a whole, because servers reorder lists.
 */
export function withSecretsOf(values: PropertyMap, marked: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const mark = marked[key];
      if (mark === undefined || value instanceof Secret) return [key, value];
      if (isObject(value) && isObject(mark)) return [key, withSecretsOf(value, mark)];
      return [key, hasSecret(mark) ? new Secret(value) : value];
    }),
  );
}

function knownValue(draft: Draft): Json {
  if (draft instanceof Unknown) throw new Error("an unknown value where only known ones can be");
  if (Array.isArray(draft)) return draft.map(knownValue);
  if (isObject(draft)) return known(draft);
  return draft;
}

function mapObject<From, To>(object: Record<string, From>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
