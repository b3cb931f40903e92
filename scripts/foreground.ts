import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Signals closer together than this are one: a terminal, npm and the script before each pass on the same Ctrl-C. */
const oneSignalMilliseconds = 1000;

/** How a program is run in the foreground. */
export interface ForegroundOptions {
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Where its standard output goes. @default "inherit" */
  readonly stdout?: "inherit" | "stderr";
}

/**
 * Runs a program as if the caller were it: same terminal, same exit code, each signal passed on once.
 *
 * The program gets its own process group, since a Ctrl-C sent to the whole group and passed on as well would be two,
 * and two tell the engine to give up at once and lose what it was doing.
 *
 * @returns Its exit code; 128 and the signal's number when a signal ended it.
 * @throws When it cannot be started.
 */
export function runInForeground(
  program: string,
  args: readonly string[],
  { env, stdout = "inherit" }: ForegroundOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      detached: true,
      stdio: ["inherit", stdout === "stderr" ? 2 : "inherit", "inherit"],
    });
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
    child.on("exit", (code, signal) => {
      forget();
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
