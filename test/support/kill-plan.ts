import type { StepEvent } from "../../protocol/frame/steps.ts";
import type { StepFault } from "./step-fault.ts";

/** Who of a run is killed. */
export type Whom = Extract<StepFault, { kind: "kill" }>["whom"];

/** Each is a death of its own: without its provider an engine reports, without its engine a provider goes on. */
const everybody: readonly Whom[] = ["provider", "engine", "both"];

/** One kill. */
export interface KillCase {
  readonly event: StepEvent;
  readonly whom: Whom;
}

/** A third of all kills. */
export interface KillPart {
  readonly number: number;
  readonly of: number;
}

/**
 * Which part to run: `KILL_WALK=2/3` in the environment. A whole walk takes hours, so that without it the first part is
 * run.
 * @throws When it names no part: a walk of nothing would look like a good one.
 */
export function killPart(environment: NodeJS.ProcessEnv): KillPart {
  const wanted = environment["KILL_WALK"] ?? `1/${everybody.length}`;
  const [, number = "", of = ""] = /^([1-9])\/([1-9])$/.exec(wanted) ?? [];
  if (Number(of) !== everybody.length || number === "" || number > of) {
    throw new Error(`KILL_WALK: must be 1/3, 2/3 or 3/3, got ${wanted}; leave it out for the first part`);
  }
  return { number: Number(number), of: Number(of) };
}

/** Every kind of kill at every moment. */
export function allKills(moments: readonly StepEvent[]): KillCase[] {
  return moments.flatMap((event) => everybody.map((whom) => ({ event, whom })));
}

/** One kill at every moment, such that the parts together are all: a part has each kind as often as the others. */
export function killsOfPart(moments: readonly StepEvent[], { number }: KillPart): KillCase[] {
  const first = number - 1;
  return moments.flatMap((event, index) => {
    const whom = everybody[(index + first) % everybody.length];
    return whom === undefined ? [] : [{ event, whom }];
  });
}
