import { spawn } from "node:child_process";

const started = performance.now();

/** What a step of a check is: a name for people and the command that decides it. */
export interface Step {
  /** Shown while it runs and in the summary. */
  readonly name: string;
  /** Program and arguments, run without a shell from the project folder. */
  readonly command: readonly [string, ...string[]];
  /** Variables on top of the caller's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** After how long it is ended as failed. @default - never */
  readonly limitSeconds?: number;
}

/** How a step ended. */
export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** Prints one line of progress with the time since the program began, to standard error. */
export function progress(text: string): void {
  const elapsed = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(`[${elapsed.padStart(6)}s] ${text}\n`);
}

/**
 * Runs a step with its output passed through and says how long it took.
 * @returns Its name, whether it exited with 0, and its time.
 */
export async function runStep(step: Step): Promise<StepResult> {
  progress(`${step.name} …`);
  const begun = performance.now();
  const [program, ...args] = step.command;
  const passed = await new Promise<boolean>((resolve) => {
    const { environment, limitSeconds } = step;
    const child = spawn(program, args, {
      stdio: "inherit",
      env: { ...process.env, ...environment },
      ...(limitSeconds === undefined ? {} : { timeout: limitSeconds * 1000 }),
    });
    child.on("error", (error) => {
      progress(`${step.name}: ${error.message}`);
      resolve(false);
    });
    child.on("exit", (code) => {
      resolve(code === 0);
    });
  });
  const seconds = (performance.now() - begun) / 1000;
  progress(`${step.name} ${passed ? "passed" : "FAILED"} in ${seconds.toFixed(1)}s`);
  return { name: step.name, passed, seconds };
}
