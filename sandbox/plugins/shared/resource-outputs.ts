import {
  Secret,
  unknown,
  withSecretsOf,
  type Draft,
  type DraftObject,
  type Property,
  type PropertyMap,
} from "./property.ts";
import type { ResourceType } from "./provider.ts";

/**
 * Outputs as a preview can know them: the inputs as given; other outputs unknown on create,
 * and as they were on update where the type says that they are stable.
 */
export function previewOutputs(
  type: ResourceType,
  id: string | undefined,
  news: DraftObject,
  oldOutputs: DraftObject,
): DraftObject {
  const computed = Object.entries(type.outputs).map(([key, rule]): [string, Draft] => {
    const old = oldOutputs[key];
    return [key, news[key] ?? (id === undefined || rule.stable === false || old === undefined ? unknown : old)];
  });
  return { ...news, ...Object.fromEntries(computed) };
}

/** Outputs with secret marks: those of the rules, and those of the inputs and earlier outputs of the same name. */
export function markedOutputs(type: ResourceType, outputs: DraftObject, marks: readonly PropertyMap[]): PropertyMap {
  const isSecret = (key: string): boolean => type.outputs[key]?.secret === true || type.inputs[key]?.secret === true;
  const entries = Object.entries(marks.reduce<PropertyMap>(withSecretsOf, outputs)).map(
    ([key, value]): [string, Property] => [key, isSecret(key) && value !== null ? new Secret(value) : value],
  );
  return Object.fromEntries<Property>(entries);
}
