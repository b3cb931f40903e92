import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Recording } from "./recorder.ts";

/** The conditions under which a stack is recorded. */
export interface Scenario {
  /** The stack whose tracked settings are used. */
  readonly stack: string;
  /** Settings that override these. @default - none */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether the engine asks for a preview, in which some values are not known. @default false */
  readonly preview?: boolean;
  /** Whether Vault serves before the program starts. @default true */
  readonly serving?: boolean;
}

/** A recording and what the program logged while it ran. */
export interface StackGraph extends Recording {
  readonly log: string;
}

/** Where and with what a graph is recorded. */
export interface RecordingPlace {
  /** Folder of the project. @default - the current one */
  readonly folder?: string;
  /**
   * Variables of the process besides PATH: what the caller's shell happens to contain must not affect the graph.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Records a stack in a separate process. Needs neither cluster nor engine nor network.
 * @throws {Error} With the faults of the settings, or whatever else the program reports.
 */
export async function stackGraph(scenario: Scenario, place: RecordingPlace = {}): Promise<StackGraph> {
  const env = { PATH: process.env["PATH"], NODE_COMPILE_CACHE: "node_modules/.cache/compiled", ...place.environment };
  const options = { env, maxBuffer: 64 * 1024 * 1024, ...(place.folder !== undefined && { cwd: place.folder }) };
  const running = promisify(execFile)(process.execPath, ["graph/record.ts", JSON.stringify(scenario)], options);
  const { stdout } = await running.catch((error: unknown) => {
    throw new Error(standardError(error));
  });
  const start = stdout.lastIndexOf('{"resources":');
  return { ...(JSON.parse(stdout.slice(start)) as Recording), log: stdout.slice(0, start) };
}

function standardError(error: unknown): string {
  if (error instanceof Error && "stderr" in error && typeof error.stderr === "string" && error.stderr !== "") {
    return error.stderr.trimEnd();
  }
  return String(error);
}
