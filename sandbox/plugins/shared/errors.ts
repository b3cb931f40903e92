import type { JsonObject } from "./property.ts";

/** A failure whose text is written for the person at the console and names what to do. */
export class PluginError extends Error {
  override readonly name = "PluginError";
}

/** What exists after an operation that failed half-way; the engine stores it, and the next `up` goes on from it. */
export interface PartialState {
  readonly id: string;
  readonly outputs: JsonObject;
  /** The inputs that are in force. @default - the inputs of the request */
  readonly inputs?: JsonObject;
}

/** The object exists but is not as it should be, a workload that never became ready for example. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";
  readonly state: PartialState;
  readonly reasons: readonly string[];

  constructor(state: PartialState, reasons: readonly string[]) {
    super(reasons.join("; "));
    this.state = state;
    this.reasons = reasons;
  }
}

/** The text of anything thrown, with the causes that explain it (`fetch failed` alone explains nothing). */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message === "" ? error.name : error.message;
  return error.cause === undefined ? text : `${text}: ${errorText(error.cause)}`;
}
