/** What the engine puts in place of a value that is not known yet, whatever its declared type. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True for a value not known yet. */
export function isUnknown(value: unknown): boolean {
  return value === unknownValue;
}

/** True when anything inside is not known yet. */
export function containsUnknown(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}

/** Names of the given properties that differ; one that is not known yet counts as different. */
export function changedProperties<T extends object>(
  olds: T,
  news: T,
  properties: readonly (keyof T & string)[],
): string[] {
  return properties.filter((property) => containsUnknown(news[property]) || !sameValue(olds[property], news[property]));
}

/** Names of the given properties that certainly differ: a value not known yet replaces nothing. */
export function replacedProperties<T extends object>(
  olds: T,
  news: T,
  properties: readonly (keyof T & string)[],
): string[] {
  return changedProperties(olds, news, properties).filter((property) => !containsUnknown(Reflect.get(news, property)));
}

function sameValue(left: unknown, right: unknown): boolean {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return left === right;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => sameValue(Reflect.get(left, key), Reflect.get(right, key)));
}
