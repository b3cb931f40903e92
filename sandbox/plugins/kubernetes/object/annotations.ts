import { PluginError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/property.ts";
import { annotationOf } from "./fields.ts";
import type { GroupVersionKind } from "./type-token.ts";

/** The annotations by which a program steers the provider. */
export const annotations = {
  /** Set by the provider on objects it named itself. */
  autonamed: "pulumi.com/autonamed",
  /** `"true"`: do not wait for the object to become ready. */
  skipAwait: "pulumi.com/skipAwait",
  /** What to wait for instead of the kind's own rule. */
  waitFor: "pulumi.com/waitFor",
  /** How long to wait, in seconds. */
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  /** `"true"`: take fields from other managers. */
  patchForce: "pulumi.com/patchForce",
  /** `foreground`, `background` or `orphan`. */
  deletionPropagationPolicy: "pulumi.com/deletionPropagationPolicy",
} as const;

/** How long to wait when neither the program nor an annotation says so, in seconds. */
const defaultTimeoutSeconds = 600;

/** Whether an annotation is set to `"true"`. */
export function isAnnotated(object: JsonObject, key: string): boolean {
  return annotationOf(object, key) === "true";
}

/** How long to wait, in milliseconds: the program's custom timeout, else the annotation, else ten minutes. */
export function timeoutOf(object: JsonObject, customSeconds: number | undefined): number {
  const annotated = annotationOf(object, annotations.timeoutSeconds);
  const seconds = customSeconds ?? (/^\d+$/.test(annotated) ? Number(annotated) : defaultTimeoutSeconds);
  return seconds * 1000;
}

/** What happens to the objects an object owns when it is deleted. */
export function propagationOf(object: JsonObject): "Foreground" | "Background" | "Orphan" {
  switch (annotationOf(object, annotations.deletionPropagationPolicy).toLowerCase()) {
    case "orphan":
      return "Orphan";
    case "background":
      return "Background";
    default:
      return "Foreground";
  }
}

/** Whether `skipAwait` also means not to wait for the deletion, as it does for these kinds by tradition. */
export function skipsDeletionAwait(object: JsonObject, { apiVersion, kind }: GroupVersionKind): boolean {
  return isAnnotated(object, annotations.skipAwait) && deletionSkippers.has(`${apiVersion}/${kind}`);
}

/** @throws PluginError for an annotation of the provider that is not covered */
export function assertCoveredAnnotations(keys: readonly string[]): void {
  const covered = new Set<string>(Object.values(annotations));
  const foreign = keys.filter((key) => key.startsWith("pulumi.com/") && !covered.has(key));
  if (foreign.length === 0) return;
  throw new PluginError(
    foreign
      .map(
        (key) =>
          `metadata.annotations["${key}"]: must be an annotation the stand-in plugin covers, got one it does not; leave it out, or use the official plugin`,
      )
      .join("\n"),
  );
}

const deletionSkippers: ReadonlySet<string> = new Set([
  "v1/Namespace",
  "v1/Pod",
  "v1/ReplicationController",
  "apps/v1/DaemonSet",
  "apps/v1/Deployment",
  "apps/v1/StatefulSet",
  "batch/v1/Job",
]);
