import { PluginError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/property.ts";
import { annotationOf, nameOf, namespaceOf, textAt } from "../object/fields.ts";
import { groupOf } from "../object/type-token.ts";

/** An object and what must exist before it. */
export interface OrderedObject {
  readonly object: JsonObject;
  readonly dependencies: readonly JsonObject[];
}

const dependsOn = "config.kubernetes.io/depends-on";
const mutation = "config.kubernetes.io/apply-time-mutation";

/**
 * Objects in an order in which each comes after its dependencies: a namespaced one after its namespace, a custom resource
 * after its definition, any one after those its `config.kubernetes.io/depends-on` names. As in the official plugin,
 * nothing else is assumed.
 * @throws PluginError for dependencies that are missing or circular
 */
export function dependencyOrder(objects: readonly JsonObject[]): OrderedObject[] {
  const ordered: OrderedObject[] = [];
  const state = new Map<JsonObject, "visiting" | "done">();
  const visit = (object: JsonObject): void => {
    if (state.get(object) === "done") return;
    if (state.get(object) === "visiting") {
      throw new PluginError(`${reference(object)}: must not depend on itself, got a circle; see ${dependsOn}`);
    }
    state.set(object, "visiting");
    const dependencies = dependenciesOf(object, objects);
    dependencies.forEach(visit);
    state.set(object, "done");
    ordered.push({ object, dependencies });
  };
  objects.forEach(visit);
  return ordered;
}

function dependenciesOf(object: JsonObject, objects: readonly JsonObject[]): JsonObject[] {
  if (annotationOf(object, mutation) !== "") {
    throw new PluginError(`${reference(object)}: must not have ${mutation}, which the stand-in plugin does not cover`);
  }
  const implied = objects.filter((other) => isNamespaceOf(other, object) || isDefinitionOf(other, object));
  return [...new Set([...implied, ...explicitDependencies(object, objects)])];
}

function isNamespaceOf(other: JsonObject, object: JsonObject): boolean {
  const isNamespace = textAt(other, "apiVersion") === "v1" && textAt(other, "kind") === "Namespace";
  return isNamespace && nameOf(other) === namespaceOf(object);
}

function isDefinitionOf(other: JsonObject, object: JsonObject): boolean {
  return (
    textAt(other, "kind") === "CustomResourceDefinition" &&
    textAt(other, "spec", "group") === groupOf(textAt(object, "apiVersion")) &&
    textAt(other, "spec", "names", "kind") === textAt(object, "kind")
  );
}

function explicitDependencies(object: JsonObject, objects: readonly JsonObject[]): JsonObject[] {
  const references = annotationOf(object, dependsOn)
    .split(",")
    .map((text) => text.trim());
  return references
    .filter((text) => text !== "")
    .map((text) => {
      const found = objects.find((other) => reference(other) === text);
      if (found !== undefined) return found;
      throw new PluginError(`${reference(object)}: must depend on objects of the chart, got ${text}; see ${dependsOn}`);
    });
}

/** As the annotation writes it: `group/kind/name`, or `group/namespaces/namespace/kind/name`. */
function reference(object: JsonObject): string {
  const namespace = namespaceOf(object);
  const [group, kind] = [groupOf(textAt(object, "apiVersion")), textAt(object, "kind")];
  return [group, ...(namespace === "" ? [] : ["namespaces", namespace]), kind, nameOf(object)].join("/");
}
