import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { StepEvent } from "../../protocol/frame/steps.ts";
import { eventually, type LiveStack, type RunningEngine } from "./live-stack.ts";
import { inWords, stepFaultEnvironment } from "./step-fault.ts";
import { temporaryFolder } from "../../sandbox/test/support/temporary-folder.ts";

/** A run that stands still at a step of the key protocol. */
export interface HeldRun extends RunningEngine {
  /** Lets it go on. */
  goOn(): void;
}

/**
 * Starts an `up` and resolves once it stands still at a step. Its whole provider stands still, so it does not renew its
 * lease either: held for longer than that lasts, it is a run that was frozen.
 */
export async function upHeld(stack: LiveStack, at: StepEvent, ...flags: readonly string[]): Promise<HeldRun> {
  const folder = temporaryFolder();
  const [reached, goOn] = [join(folder, "reached"), join(folder, "go-on")];
  const script = `touch '${reached}'; while [ ! -e '${goOn}' ]; do sleep 0.05; done`;
  const planned = { at, fault: { kind: "run", script }, trace: join(folder, "trace") } as const;
  const run = await stack.withEnvironment(stepFaultEnvironment(planned), () =>
    Promise.resolve(stack.startUp(...flags)),
  );
  const release = (): void => {
    writeFileSync(goOn, "");
  };
  onTestFinished(async () => {
    release();
    await run.done;
  });
  await eventually(`the run is ${inWords(at)}`, () => Promise.resolve(existsSync(reached)));
  return { ...run, goOn: release };
}
