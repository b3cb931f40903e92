import type { JsonObject } from "../../shared/property.ts";
import type { Objects } from "../api/objects.ts";
import { nameOf, namespaceOf, numberAt, textAt } from "../object/fields.ts";
import { labelSelector } from "./label-selector.ts";
import { podFaults } from "./pod-faults.ts";
import type { ReadinessRule } from "./readiness.ts";

/** What the pods of an object suffer from. */
export async function podTroubles(
  objects: Objects,
  object: JsonObject,
  rule: ReadinessRule,
  signal?: AbortSignal,
): Promise<string[]> {
  return [...new Set((await podsOf(objects, object, rule, signal)).flatMap(podFaults))];
}

/** Everything the cluster tells about why an object is not ready: its pods' faults and the warnings about it and them. */
export async function explanations(objects: Objects, object: JsonObject, rule: ReadinessRule): Promise<string[]> {
  const pods = await podsOf(objects, object, rule);
  const names = new Set([nameOf(object), ...pods.map(nameOf)]);
  return [...new Set([...pods.flatMap(podFaults), ...(await warnings(objects, object, names))])];
}

async function podsOf(
  objects: Objects,
  object: JsonObject,
  rule: ReadinessRule,
  signal?: AbortSignal,
): Promise<readonly JsonObject[]> {
  const selector = labelSelector(rule.pods?.(object) ?? {});
  if (selector === "") return [];
  return objects.list(
    { apiVersion: "v1", kind: "Pod", namespace: namespaceOf(object) },
    { labelSelector: selector },
    signal,
  );
}

/** The latest warning events about the object, its pods, and the replica sets in between, which share its prefix. */
async function warnings(objects: Objects, object: JsonObject, names: ReadonlySet<string>): Promise<string[]> {
  const events = await objects.list(
    { apiVersion: "v1", kind: "Event", namespace: namespaceOf(object) },
    { fieldSelector: "type=Warning" },
  );
  const isAbout = (event: JsonObject): boolean => {
    const about = textAt(event, "involvedObject", "name");
    return (
      names.has(about) ||
      (about.startsWith(`${nameOf(object)}-`) && textAt(event, "involvedObject", "kind") === "ReplicaSet")
    );
  };
  return events
    .filter(isAbout)
    .sort((left, right) => timeOf(left).localeCompare(timeOf(right)))
    .slice(-latestWarnings)
    .map(warningText);
}

const latestWarnings = 8;

function timeOf(event: JsonObject): string {
  return textAt(event, "lastTimestamp") || textAt(event, "eventTime") || textAt(event, "metadata", "creationTimestamp");
}

function warningText(event: JsonObject): string {
  const count = numberAt(event, "count") ?? 1;
  const about = `${textAt(event, "involvedObject", "kind")} ${textAt(event, "involvedObject", "name")}`;
  return `[${textAt(event, "reason")}] ${about}: ${textAt(event, "message")}${count > 1 ? ` (${count} times)` : ""}`;
}
