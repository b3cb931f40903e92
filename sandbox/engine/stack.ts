import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { run } from "../command.ts";
import { SandboxError } from "../faults.ts";
import type { Machine, Project, StackConfig } from "../project.ts";
import { type EngineLayout, stackSettingsFile } from "./layout.ts";
import { foreignSecretFaults, mergeStackSettings, type StackSettings } from "./stack-settings.ts";

/**
 * Makes a stack of the sandbox ready for a run: it exists in the local backend, has its settings file, and holds what a
 * person would otherwise set by hand.
 *
 * Safe to repeat; keeps what is set.
 *
 * @param told What the project says about its stacks, and what that depends on.
 * @param env Environment of the sandbox's engine.
 * @throws SandboxError when the tracked settings file is missing or holds secrets of its own.
 */
export async function prepareStack(
  layout: EngineLayout,
  stack: string,
  { project, machine }: { readonly project: Project; readonly machine: Machine },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  updateSettings(layout, stack, project.settings(machine));
  const name = String(readYaml(join(layout.stacks, "Pulumi.yaml"))["name"]);
  const pulumi = engineIn(layout.stacks, env);
  if (!existsSync(join(layout.backend, ".pulumi", "stacks", name, `${stack}.json`))) {
    await pulumi(["stack", "init", stack, "--no-select"]);
  }
  const config = settings(stackSettingsFile(layout, stack)).config ?? {};
  for (const { words, value } of await project.firstSettings(stack, config)) {
    await pulumi(["config", "set", "--stack", stack, ...words], value);
  }
}

/**
 * The settings a stack of the sandbox will have in its next run, but for the sandbox's own and those that are yet to be
 * made.
 *
 * @throws SandboxError when the tracked settings file is missing or holds secrets of its own.
 */
export function plannedSettings(layout: EngineLayout, stack: string): StackSettings {
  return planSettings(layout, stack, {}).merged;
}

/** Brings the sandbox's settings file up to date with the tracked one. */
function updateSettings(layout: EngineLayout, stack: string, ofSandbox: StackConfig): void {
  const { merged, source } = planSettings(layout, stack, ofSandbox);
  copyFileSync(join(layout.project, "Pulumi.yaml"), join(layout.stacks, "Pulumi.yaml"));
  writeFileSync(stackSettingsFile(layout, stack), stringify(merged, { lineWidth: 0 }), { mode: 0o600 });
  writeFileSync(sourceFile(layout, stack), stringify(source, { lineWidth: 0 }));
}

function planSettings(
  layout: EngineLayout,
  stack: string,
  ofSandbox: StackConfig,
): { merged: StackSettings; source: StackSettings } {
  const name = `Pulumi.${stack}.yaml`;
  const trackedFile = join(layout.project, name);
  if (!existsSync(trackedFile)) {
    throw new SandboxError([`${name}: must exist in the project's folder, got no such file; name an existing stack`]);
  }
  const tracked = settings(trackedFile);
  const faults = foreignSecretFaults(name, tracked);
  if (faults.length > 0) throw new SandboxError(faults);
  const source = { config: { ...ofSandbox, ...tracked.config } };
  const present = settings(stackSettingsFile(layout, stack));
  return { merged: mergeStackSettings(present, source, settings(sourceFile(layout, stack))), source };
}

/** The tracked settings as they were at the last run. */
function sourceFile(layout: EngineLayout, stack: string): string {
  return join(layout.stacks, `${stack}.source.yaml`);
}

/** Runs the engine on the settings folder, which it takes for the project; a value goes in by standard input. */
function engineIn(folder: string, env: NodeJS.ProcessEnv) {
  const engineEnv = { ...env };
  // `stack init` takes the stack as an argument, and the settings file is the folder's own.
  delete engineEnv["PULUMI_OPTION_STACK"];
  delete engineEnv["PULUMI_OPTION_CONFIG_FILE"];
  return (args: readonly string[], input?: string) =>
    run(["pulumi", "--non-interactive", "--cwd", folder, ...args], {
      env: engineEnv,
      ...(input === undefined ? {} : { input }),
    });
}

function settings(file: string): StackSettings {
  return existsSync(file) ? readYaml(file) : {};
}

function readYaml(file: string): Record<string, unknown> {
  // An empty file is null to YAML. The engine checks the shape when it reads the result.
  return (parse(readFileSync(file, "utf8")) ?? {}) as Record<string, unknown>;
}
