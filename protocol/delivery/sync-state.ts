import type { ClusterEvent, CustomObject } from "../../kube/kube-objects.ts";

/** Whether the operator is done with an object, or what it says meanwhile. */
export type SyncState = { readonly synced: true } | { readonly synced: false; readonly reasons: readonly string[] };

/**
 * Judges an object by its status. Pure.
 *
 * Kinds that write a Secret say which generation they wrote last. The others say whether they are valid, and of those with
 * conditions the condition says for which generation; where nothing does, an old verdict cannot be told from a new one.
 */
export function syncState(object: CustomObject): SyncState {
  const { status = {} } = object;
  const reasons = [...generationReasons(object), ...validityReasons(status), ...conditionReasons(object)];
  return reasons.length === 0 ? { synced: true } : { synced: false, reasons };
}

function generationReasons({ metadata, status = {} }: CustomObject): string[] {
  const last = status["lastGeneration"];
  if (last === metadata.generation) return [];
  if (typeof last !== "number") return "valid" in status ? [] : ["the operator has not reported on it yet"];
  return [`the operator has last synced generation ${last} of ${String(metadata.generation)}`];
}

function validityReasons(status: Readonly<Record<string, unknown>>): string[] {
  const { valid, error } = status;
  if (!("valid" in status) || valid === true) return [];
  return typeof error === "string" && error !== "" ? [error] : ["the operator says that it is not valid"];
}

function conditionReasons({ metadata, status = {} }: CustomObject): string[] {
  const { conditions } = status;
  if (!Array.isArray(conditions)) return [];
  return conditions.filter(isRecord).flatMap((condition) => {
    const { type, status: holds, message, observedGeneration } = condition;
    if (typeof observedGeneration === "number" && observedGeneration !== metadata.generation) {
      return [`condition ${String(type)} is about generation ${observedGeneration}`];
    }
    return holds === "True" ? [] : [`condition ${String(type)} is ${String(holds)}: ${String(message)}`];
  });
}

/** What the operator warned of last, newest first and each text once. */
export function warnings(events: readonly ClusterEvent[]): string[] {
  const newestFirst = events
    .filter(({ type }) => type === "Warning")
    .sort((a, b) => (b.lastTimestamp ?? "").localeCompare(a.lastTimestamp ?? ""));
  return [...new Set(newestFirst.map(({ reason = "", message = "" }) => `${reason}: ${message}`))];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
