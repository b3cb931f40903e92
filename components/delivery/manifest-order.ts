import { isMap, parseAllDocuments } from "yaml";
import { fieldManagerAnnotation } from "../cluster/field-manager-annotation.ts";

/** The parts of an object that others refer to it by. */
interface Named {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** Kinds whose objects allow a pod to do its work. */
const rights = new Set(["ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]);

/**
 * Marks in a chart's Deployments that their accounts and permissions come first, with the annotation by which Pulumi's
 * Chart resource orders objects. Without it all objects are created at once, and a program that starts before it has
 * its permissions fails, waits longer after each failure, and delays its Deployment. Pure.
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
 * Marks in each object of a chart under which name its fields are owned. Pure.
 * @param manifests Rendered objects, as YAML documents.
 * @returns The same objects; only annotations differ.
 */
export function ownedBy(manifests: string, manager: string): string {
  const documents = parseAllDocuments(manifests).filter(({ contents }) => isMap(contents));
  for (const document of documents) document.setIn(["metadata", "annotations", fieldManagerAnnotation], manager);
  return documents.map((document) => document.toString({ directives: true })).join("");
}

/** How the annotation refers to an object. */
function referenceTo({ apiVersion = "", kind = "", metadata: { name = "", namespace } = {} }: Named): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const place = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${group}${place}/${kind}/${name}`;
}
