import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Signals closer together than this are one: a terminal, npm and the script before each pass on the same Ctrl-C. */
const oneSignalMilliseconds = 1000;

/** How a program is run in the foreground. */
export interface ForegroundOptions {
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Takes what it writes to its standard output. @default - the caller's own takes it */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a program as if the caller were it: same terminal, same exit code, each signal passed on once.
 *
 * The program gets its own process group, since a Ctrl-C sent to the whole group and passed on as well would be two,
 * and two tell the engine to give up at once and lose what it was doing.
 *
 * @returns Its exit code; 128 plus the signal's number when a signal ended it.
 * @throws When it cannot be started.
 */
export function runInForeground(
  program: string,
  args: readonly string[],
  { env, onOutput }: ForegroundOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      detached: true,
      stdio: ["inherit", onOutput === undefined ? "inherit" : "pipe", "inherit"],
    });
    if (onOutput !== undefined) child.stdout?.setEncoding("utf8").on("data", onOutput);
    let passedAt = -Infinity;
    const pass = (signal: NodeJS.Signals) => {
      if (performance.now() - passedAt < oneSignalMilliseconds) return;
      passedAt = performance.now();
      child.kill(signal);
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, pass);
    const forget = () => {
      for (const signal of signals) process.off(signal, pass);
    };
    child.on("error", (error) => {
      forget();
      reject(error);
    });
    // Not before all it wrote was read.
    child.on("close", (code, signal) => {
      forget();
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
