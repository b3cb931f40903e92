import { join } from "node:path";

import { nearest } from "./package-manifest.ts";

/** `runtime.options` of Pulumi.yaml: whatever YAML holds. */
export type RuntimeOptions = Readonly<Record<string, unknown>>;

/** Everything the engine says about one run of a program. */
export interface ProgramRun {
  readonly engineAddress: string;
  /** The engine's own monitor, not a proxy of it: hooks, transforms and the shutdown signal go through it. */
  readonly monitorAddress: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  /** Folder of Pulumi.yaml. */
  readonly rootDirectory: string;
  readonly workingDirectory: string;
  readonly programDirectory: string;
  /** The program relative to `workingDirectory`; `.` means what package.json calls main. */
  readonly entryPoint: string;
  readonly args: readonly string[];
  /** Config values by full key, secrets in plain text: they go by environment, never by argument. */
  readonly config: Readonly<Record<string, string>>;
  readonly configSecretKeys: readonly string[];
  /** True in a preview. */
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly options: RuntimeOptions;
}

/** A process to start: pure data, so that a test can look at it. */
export interface ProgramProcess {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How a program is started: Node with the SDK's runner, the flags the SDK asks for, and config in the environment.
 *
 * @throws When the SDK is not installed where the program runs, or a runtime option has the wrong type.
 */
export function programProcess(run: ProgramRun): ProgramProcess {
  const runner = join("node_modules", "@pulumi", "pulumi", "cmd", "run");
  const sdk = nearest(run.programDirectory, join(runner, "index.js"));
  if (sdk === undefined) {
    throw new Error(
      `${run.programDirectory}: must have @pulumi/pulumi installed, got no such package; run npm ci there`,
    );
  }
  return {
    command: process.execPath,
    args: [
      ...nodeArguments(run.options["nodeargs"]),
      join(sdk, runner),
      ...runnerFlags(run),
      run.entryPoint,
      ...run.args,
    ],
    directory: run.workingDirectory,
    env: {
      PULUMI_CONFIG: JSON.stringify(run.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
      PULUMI_NODEJS_TYPESCRIPT: run.options["typescript"] === false ? "false" : "true",
    },
  };
}

function runnerFlags(run: ProgramRun): string[] {
  return [
    ["monitor", run.monitorAddress],
    ["engine", run.engineAddress],
    ["organization", run.organization],
    ["project", run.project],
    ["root-directory", run.rootDirectory],
    ["stack", run.stack],
    ["pwd", run.workingDirectory],
    ["dry-run", run.dryRun ? "true" : ""],
    ["parallel", String(run.parallel)],
  ].flatMap(([flag, value]) => (value === "" ? [] : [`--${String(flag)}=${String(value)}`]));
}

/** Splits `runtime.options.nodeargs` at spaces; a part that holds a space is written in quotes. */
function nodeArguments(option: unknown): string[] {
  if (option === undefined) return [];
  if (typeof option !== "string") {
    throw new Error(`runtime.options.nodeargs: must be a string, got ${JSON.stringify(option)}; fix Pulumi.yaml`);
  }
  return Array.from(option.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, double, single, bare]) => {
    return double ?? single ?? bare ?? "";
  });
}
