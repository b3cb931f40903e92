import { parseAllDocuments } from "yaml";
import { PluginError } from "../../shared/errors.ts";
import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import { listAt, nameOf, namespaceOf, textAt, withMetadata } from "../object/fields.ts";
import { groupOf } from "../object/type-token.ts";
import { isBuiltInNamespaced } from "../api/cluster-scoped.ts";
import type { Session } from "../session.ts";

/**
 * The objects of a manifest, lists taken apart, each namespaced one with a namespace.
 * @throws PluginError when something in it is no object of the API
 */
export async function manifestObjects(manifest: string, namespace: string, session: Session): Promise<JsonObject[]> {
  const objects = parsedDocuments(manifest).flatMap(withoutLists).map(assertComplete);
  const scopes = plannedScopes(objects);
  const cluster = await session.reachableCluster();
  return Promise.all(
    objects.map(async (object) => {
      if (namespaceOf(object) !== "") return object;
      const [apiVersion, kind] = [textAt(object, "apiVersion"), textAt(object, "kind")];
      const group = groupOf(apiVersion);
      const namespaced =
        isBuiltInNamespaced(group, kind) ??
        scopes.get(`${group}/${kind}`) ??
        (await cluster?.discovery.isNamespaced(apiVersion, kind)) ??
        true;
      return namespaced ? withMetadata(object, { namespace }) : object;
    }),
  );
}

function parsedDocuments(manifest: string): JsonObject[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw new PluginError(`chart: must render to YAML, got this fault: ${fault.message}`);
    const value = document.toJS() as Json;
    // A template may render to nothing but comments.
    return isObject(value) && Object.keys(value).length > 0 ? [value] : [];
  });
}

function withoutLists(object: JsonObject): JsonObject[] {
  if (!textAt(object, "kind").endsWith("List") || !Array.isArray(object["items"])) return [object];
  return listAt(object, "items").flatMap((item) => (isObject(item) ? withoutLists(item) : []));
}

function assertComplete(object: JsonObject): JsonObject {
  if (textAt(object, "apiVersion") !== "" && textAt(object, "kind") !== "" && nameOf(object) !== "") return object;
  throw new PluginError("chart: must render to objects with apiVersion, kind and name, got one without");
}

function plannedScopes(objects: readonly JsonObject[]): Map<string, boolean> {
  const definitions = objects.filter((object) => textAt(object, "kind") === "CustomResourceDefinition");
  return new Map(
    definitions.map((definition) => [
      `${textAt(definition, "spec", "group")}/${textAt(definition, "spec", "names", "kind")}`,
      textAt(definition, "spec", "scope") !== "Cluster",
    ]),
  );
}
