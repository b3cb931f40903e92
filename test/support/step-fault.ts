import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { StepEvent } from "../../protocol/frame/steps.ts";

/** What goes wrong at a step of a real run. */
export type StepFault =
  | { readonly kind: "kill"; readonly whom: "provider" | "engine" | "both" }
  /** A shell script, waited for: the protocol stands still meanwhile. */
  | { readonly kind: "run"; readonly script: string };

/** A fault and where; without a place the steps are only written down. */
export interface PlannedFault {
  readonly at: StepEvent | null;
  readonly fault: StepFault;
  /** File to which every step of the run is appended, one JSON object a line. */
  readonly trace: string;
}

const variable = "VAULTSTACK_TEST_STEP_FAULT";

/** Variables under which an engine's run meets this fault. */
export function stepFaultEnvironment(planned: PlannedFault): Record<string, string> {
  const preload = pathToFileURL(join(import.meta.dirname, "fault-at-step.ts")).href;
  return { NODE_OPTIONS: `--import ${preload}`, [variable]: JSON.stringify(planned) };
}

/** The fault this process was told of; null when none. */
export function stepFault(environment: NodeJS.ProcessEnv): PlannedFault | null {
  const text = environment[variable];
  return text === undefined ? null : (JSON.parse(text) as PlannedFault);
}

/** The steps a run took, in order, as far as it came. */
export function stepsTaken({ trace }: PlannedFault): StepEvent[] {
  const lines = readFileSync(trace, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as StepEvent);
}

/** True when two events are the same moment of a protocol. */
export function sameMoment(left: StepEvent, right: StepEvent): boolean {
  return left.protocol === right.protocol && left.step === right.step && left.moment === right.moment;
}

/** A moment in words. */
export function inWords({ protocol, step, moment }: StepEvent): string {
  return `${moment} ${protocol}/${step}`;
}
