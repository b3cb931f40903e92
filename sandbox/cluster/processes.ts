import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync } from "node:fs";
import path from "node:path";
import { logDirectory, stateDirectory } from "../paths.ts";
import { awaitCondition } from "./await-condition.ts";
import type { Part } from "./parts.ts";

/**
 * Every process of the sandbox carries these variables, and its children inherit them. They are looked up in `/proc`
 * instead of files of process ids: such a file is missing after a kill between start and writing, and names a stranger
 * after a reboot.
 */
const markers = {
  state: "VAULTSTACK_SANDBOX_STATE",
  part: "VAULTSTACK_SANDBOX_PART",
  program: "VAULTSTACK_SANDBOX_PROGRAM",
  fingerprint: "VAULTSTACK_SANDBOX_FINGERPRINT",
  startedAt: "VAULTSTACK_SANDBOX_STARTED_AT",
} as const;

/** A running process that the sandbox started, directly or through one of its parts. */
export interface SandboxProcess {
  readonly pid: number;
  /** The part it belongs to. */
  readonly part: string;
  /** What its part was started with. */
  readonly fingerprint: string;
  /** When its part was started. */
  readonly startedAt: Date;
  /** Whether it is the part's own program, and not one that program has started. */
  readonly isMain: boolean;
  /** First word of its command line. */
  readonly program: string;
}

/**
 * Lists the running processes of this user's sandbox.
 * @returns Main processes and what they have started, except what runs inside containers.
 */
export function sandboxProcesses(): SandboxProcess[] {
  return processIds().flatMap((pid) => {
    const variables = environmentOf(pid);
    const [program] = readRecords(pid, "cmdline");
    const part = variables.get(markers.part);
    if (variables.get(markers.state) !== stateDirectory || part === undefined || program === undefined) return [];
    const fingerprint = variables.get(markers.fingerprint) ?? "";
    const startedAt = new Date(variables.get(markers.startedAt) ?? 0);
    return [{ pid, part, fingerprint, startedAt, program, isMain: program === variables.get(markers.program) }];
  });
}

/** Finds sandboxes that were started with another home or state folder. One machine can run one sandbox. */
export function foreignSandboxes(): string[] {
  const states = processIds().map((pid) => environmentOf(pid).get(markers.state) ?? stateDirectory);
  return [...new Set(states)].filter((state) => state !== stateDirectory);
}

/**
 * Lists the ids of all processes of the machine.
 * @returns Process ids.
 */
export function processIds(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** One life of a part, as whoever started or found it sees it. */
export interface PartLife {
  /** When the part was started. */
  readonly startedAt: Date;
  /** Whether it is over. */
  readonly hasEnded: () => boolean;
}

/**
 * Starts a part so that it outlives the caller: in a session of its own, with nothing of the caller's open.
 * @param fingerprint Told back by `sandboxProcesses`.
 * @throws Error when the program cannot be executed.
 */
export async function startPart(part: Part, fingerprint: string): Promise<PartLife> {
  const startedAt = new Date();
  mkdirSync(logDirectory, { recursive: true });
  const log = logFile(part.name);
  // One earlier log is kept: it tells why the part had to be started again.
  if (existsSync(log)) renameSync(log, `${log}.previous`);
  const output = openSync(log, "a", 0o600);
  const [program, ...args] = part.command;
  const child = spawn(program, args, {
    cwd: "/",
    detached: true,
    stdio: ["ignore", output, output],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      [markers.state]: stateDirectory,
      [markers.part]: part.name,
      [markers.program]: program,
      [markers.fingerprint]: fingerprint,
      [markers.startedAt]: startedAt.toISOString(),
    },
  });
  closeSync(output);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
  // Not looked up in `/proc`: while a program is being loaded, the kernel shows a process without words or variables.
  return { startedAt, hasEnded: () => child.exitCode !== null || child.signalCode !== null };
}

/**
 * Ends a process and waits until it is gone.
 * @param pid The process; ended already is fine.
 * @param grace How long it may take to end by itself before it is killed, in milliseconds.
 */
export async function endProcess(pid: number, grace: number): Promise<void> {
  const gone = () => Promise.resolve(isRunning(pid) ? `process ${pid} is running` : undefined);
  signal(pid, "SIGTERM");
  try {
    await awaitCondition(`end of process ${pid}`, gone, grace);
  } catch {
    signal(pid, "SIGKILL");
    await awaitCondition(`end of process ${pid}`, gone, 10_000);
  }
}

/** Sends a signal to a process that may be gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/**
 * Whether a process runs; one that has ended and is only waiting to be reaped does not.
 * @returns True while it runs.
 */
export function isRunning(pid: number): boolean {
  return readRecords(pid, "cmdline").length > 0;
}

/**
 * The log of a part.
 * @returns An absolute path; the log of the part's previous life is beside it.
 */
export function logFile(part: string): string {
  return path.join(logDirectory, `${part}.log`);
}

function environmentOf(pid: number): ReadonlyMap<string, string> {
  return new Map(readRecords(pid, "environ").map(splitVariable));
}

/** Reads a NUL-separated file of a process; empty for kernel threads, the dead, and those that end just now. */
function readRecords(pid: number, file: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}

function splitVariable(record: string): [string, string] {
  const at = record.indexOf("=");
  return [record.slice(0, at), record.slice(at + 1)];
}
