import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Recording } from "./recorder.ts";

/** What the dev stack is to be recorded under. */
export interface Scenario {
  /** Whose tracked settings are taken. @default "dev" */
  readonly stack?: "dev" | "ha";
  /** Settings other than those of `exampleSettings`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether the engine asks for a preview. @default false */
  readonly preview?: boolean;
  /** Whether Vault serves before the program starts. @default true */
  readonly serving?: boolean;
}

/** A recording and what the program said while it ran. */
export interface Graph extends Recording {
  readonly log: string;
}

const recorded = new Map<string, Promise<Graph>>();

/**
 * Records the dev stack in a process of its own: dynamic resources serialise their provider in plain Node only.
 * The same question is answered once.
 */
export async function graphOfDev(
  scenario: Scenario = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Graph> {
  const key = JSON.stringify([{ settings: {}, preview: false, serving: true, ...scenario }, environment]);
  const graph = recorded.get(key) ?? recordInProcess(scenario, environment);
  recorded.set(key, graph);
  return await graph;
}

async function recordInProcess(scenario: Scenario, environment: Readonly<Record<string, string>>): Promise<Graph> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["test/support/dev-graph.ts", JSON.stringify(scenario)],
    // What the caller's shell happens to know must not reach the graph.
    {
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: "node_modules/.cache/compiled", ...environment },
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  const start = stdout.lastIndexOf('{"resources":');
  return { ...(JSON.parse(stdout.slice(start)) as Recording), log: stdout.slice(0, start) };
}
