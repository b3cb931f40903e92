import type { JsonObject } from "../../shared/property.ts";
import type { Objects } from "../api/objects.ts";

/** How far an object is. */
export interface Readiness {
  readonly ready: boolean;
  /** One line for the status column: what is awaited. */
  readonly progress: string;
  /** What stands in the way, for the error. */
  readonly faults: readonly string[];
  /** Waiting longer is no use. @default false */
  readonly hopeless?: boolean;
  /** Counts as ready once the object has been in this state for a while without changing, in seconds. @default - never */
  readonly settlesAfterSeconds?: number;
}

/** What tells whether objects of a kind are ready. */
export interface ReadinessRule {
  /** Judges the object by itself and what {@link related} found. Pure. */
  readonly assess: (object: JsonObject, related: readonly JsonObject[]) => Readiness;
  /** Objects needed for the judgement. @default - none */
  readonly related?: (objects: Objects, object: JsonObject, signal: AbortSignal) => Promise<readonly JsonObject[]>;
  /** Selector of the pods whose troubles explain why it is not ready. @default - none */
  readonly pods?: (object: JsonObject) => JsonObject;
  /** Whether a refresh also reports that the object is not ready. @default false */
  readonly onRead?: boolean;
}

/** The object is as it should be. */
export function ready(progress: string): Readiness {
  return { ready: true, progress, faults: [] };
}

/** The object is not there yet. */
export function waiting(progress: string, faults: readonly string[] = [progress]): Readiness {
  return { ready: false, progress, faults };
}
