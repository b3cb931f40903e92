import type { ClusterEvent, CustomObject } from "../../kube/kube-objects.ts";

/** Whether the operator is done with an object, or what it says meanwhile. */
export type SyncState = { readonly synced: true } | { readonly synced: false; readonly reasons: readonly string[] };

/**
 * The conditions of operators from 1.0 on that say whether an object is as its spec asks. Others report an event, such
 * as `LeaseRenewal` and `RolloutRestart`: they keep the generation they came with, and after a restart of the operator
 * a healthy object says `LeaseRenewal` False.
 */
const aboutTheSpec: readonly string[] = ["SecretSynced", "Healthy", "Ready"];

/**
 * Whether a `VaultAuth` could be merged with the global one. It stays when the reference is removed, and is then out of
 * date.
 */
const aboutTheGlobal = "Available";

/**
 * Judges an object by its status. Pure.
 *
 * Kinds that write a Secret say which generation they wrote last. The others say whether they are valid, and those with
 * conditions say for which generation; where nothing does, an old verdict cannot be told from a new one.
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

function conditionReasons({ metadata, spec = {}, status = {} }: CustomObject): string[] {
  const { conditions } = status;
  if (!Array.isArray(conditions)) return [];
  const judged = "vaultAuthGlobalRef" in spec ? [...aboutTheSpec, aboutTheGlobal] : aboutTheSpec;
  return conditions.filter(isRecord).flatMap((condition) => {
    const { type, status: holds, message, observedGeneration } = condition;
    if (!judged.some((known) => known === type)) return [];
    if (typeof observedGeneration === "number" && observedGeneration !== metadata.generation) {
      return [`condition ${String(type)} is about generation ${observedGeneration}`];
    }
    return holds === "True" ? [] : [`condition ${String(type)} is ${String(holds)}: ${String(message)}`];
  });
}

/** What the operator has warned of, newest first and each text once. */
export function warnings(events: readonly ClusterEvent[]): string[] {
  const newestFirst = events
    .filter(({ type }) => type === "Warning")
    .sort((a, b) => (b.lastTimestamp ?? "").localeCompare(a.lastTimestamp ?? ""));
  return [...new Set(newestFirst.map(({ reason = "", message = "" }) => `${reason}: ${message}`))];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
