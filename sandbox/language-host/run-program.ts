import { spawn } from "node:child_process";

import type { ProgramProcess } from "./program-process.ts";

/** How a program ended, in the engine's terms. */
export interface ProgramResult {
  /** What the engine shows as the program's error; empty when it ended well or said the reason itself. */
  readonly error: string;
  /** True when the program has told its reason already: the engine stops without a second message. */
  readonly bail: boolean;
}

/** The exit code by which the SDK's runner says "I have logged why". */
const exitCodeAfterLogging = 32;

/**
 * Runs a program to its end. Its output goes to this process's own, which the engine shows.
 *
 * @param given Aborting it stops the program.
 */
export function runProgram(program: ProgramProcess, given: AbortSignal): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program.command, program.args, {
      cwd: program.directory,
      env: { ...process.env, ...program.env },
      stdio: ["ignore", "inherit", "inherit"],
      signal: given,
    });
    child.on("error", (error) => {
      if (given.aborted) resolve({ error: "", bail: true });
      else reject(error);
    });
    child.on("close", (code, signal) => {
      resolve(programResult(code, signal));
    });
  });
}

/** Reads the way a process ended as the engine wants to hear it. */
function programResult(code: number | null, signal: NodeJS.Signals | null): ProgramResult {
  if (code === 0) return { error: "", bail: false };
  if (code === exitCodeAfterLogging) return { error: "", bail: true };
  const reason = code === null ? `was stopped by ${signal ?? "a signal"}` : `exited with code ${code}`;
  return { error: `the program ${reason} without saying why; its output above may tell`, bail: false };
}
