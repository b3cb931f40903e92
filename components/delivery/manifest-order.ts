import { isMap, parseAllDocuments } from "yaml";
import { fieldManagerAnnotation } from "../cluster/field-manager-annotation.ts";

/** What an object says of itself, as far as others name it. */
interface Named {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** Kinds whose objects let a pod do its work. */
const rights = new Set(["ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]);

/**
 * Says in the Deployments of a chart that its accounts and their rights come first, by the annotation that Pulumi's Chart resource
 * orders objects by. Without it all objects are made at once, and a program that starts before it may do anything fails, waits longer
 * after each failure, and makes its Deployment late. Pure.
 * @param manifests Rendered objects, as YAML documents.
 * @returns The same objects; only the annotations of Deployments differ.
 * @see https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v4/chart/
 */
export function deploymentsAfterRights(manifests: string): string {
  const documents = parseAllDocuments(manifests).filter(({ contents }) => isMap(contents));
  const objects = documents.map((document) => document.toJS() as Named);
  const first = objects.filter(({ kind = "" }) => rights.has(kind)).map(referenceTo);
  for (const [index, document] of documents.entries()) {
    if (objects[index]?.kind !== "Deployment" || first.length === 0) continue;
    document.setIn(["metadata", "annotations", "config.kubernetes.io/depends-on"], first.join(","));
  }
  return documents.map((document) => document.toString({ directives: true })).join("");
}

/**
 * Says in each object of a chart under which name its fields are owned. Pure.
 * @param manifests Rendered objects, as YAML documents.
 * @returns The same objects; only annotations differ.
 */
export function ownedBy(manifests: string, manager: string): string {
  const documents = parseAllDocuments(manifests).filter(({ contents }) => isMap(contents));
  for (const document of documents) document.setIn(["metadata", "annotations", fieldManagerAnnotation], manager);
  return documents.map((document) => document.toString({ directives: true })).join("");
}

/** As the annotation names an object. */
function referenceTo({ apiVersion = "", kind = "", metadata: { name = "", namespace } = {} }: Named): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const place = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${group}${place}/${kind}/${name}`;
}
