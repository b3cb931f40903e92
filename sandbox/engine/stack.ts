import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { makeEscrowKeyPair } from "../../scripts/escrow-key.ts";
import { nodeAddress } from "../cluster/addresses.ts";
import { run } from "../command.ts";
import { SandboxError } from "../faults.ts";
import { type EngineLayout, stackSettingsFile } from "./layout.ts";
import { foreignSecretFaults, mergeStackSettings, type StackSettings } from "./stack-settings.ts";

/** What holds for every stack of the sandbox unless its tracked file says otherwise. */
const sandboxValues = {
  "vaultstack:nodeAddress": nodeAddress,
  // It has one machine.
  "vaultstack:raftSpread": "preferred",
};

/** The stacks of the project itself, which get a demonstration secret for their sample app. */
const demoStacks = ["dev", "ha"];
const demoSecret = "webapp/config";

/**
 * Makes a stack of the sandbox ready for a run: it exists in the local backend, has its settings file, and holds the
 * secrets a person would otherwise set by hand (escrow key pair, demonstration seed).
 *
 * Safe to repeat; keeps the secrets that are there.
 *
 * @param operatorChart Folder of the secrets operator's chart, which needs no chart repository.
 * @param env Environment of the sandbox's engine.
 * @throws SandboxError when the tracked settings file is missing or holds secrets of its own.
 */
export async function prepareStack(
  layout: EngineLayout,
  stack: string,
  operatorChart: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  updateSettings(layout, stack, operatorChart);
  const project = readYaml(join(layout.stacks, "Pulumi.yaml"))["name"];
  const pulumi = engineIn(layout.stacks, env);
  if (!existsSync(join(layout.backend, ".pulumi", "stacks", String(project), `${stack}.json`))) {
    await pulumi(["stack", "init", stack, "--no-select"]);
  }
  const config = settings(stackSettingsFile(layout, stack)).config ?? {};
  if (config[`${String(project)}:escrowPublicKey`] !== undefined) return;
  // Only together with the first keys: a seed that comes back later would be written over what its application wrote.
  if (demoStacks.includes(stack)) {
    for (const [key, value] of Object.entries(demoSeed(config[`${String(project)}:kvSeeds`]))) {
      const path = `kvSeeds["${demoSecret}"].${key}`;
      await pulumi(["config", "set", "--stack", stack, "--secret", "--path", path], value);
    }
  }
  // The public half last: a run that ends before it leaves none that nobody can decrypt for, and is made good by the next.
  const pair = await makeEscrowKeyPair(stack);
  await pulumi(["config", "set", "--stack", stack, "--secret", "escrowPrivateKey"], pair.privateKey);
  await pulumi(["config", "set", "--stack", stack, "escrowPublicKey"], pair.publicKey);
}

/** What is missing of the demonstration secret: the sample app shows both values. */
function demoSeed(seeds: unknown): Record<string, string> {
  const present = isRecord(seeds) ? seeds[demoSecret] : undefined;
  const wanted = { username: "static-user", password: randomBytes(18).toString("base64url") };
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => !isRecord(present) || !(key in present)));
}

/**
 * The settings a stack of the sandbox will have in its next run, without the secrets it has yet to get.
 *
 * @throws SandboxError when the tracked settings file is missing or holds secrets of its own.
 */
export function plannedSettings(layout: EngineLayout, stack: string): StackSettings {
  return planSettings(layout, stack, {}).merged;
}

/** Brings the sandbox's settings file up to date with the tracked one. */
function updateSettings(layout: EngineLayout, stack: string, operatorChart: string): void {
  const chart = { "vaultstack:secretsOperatorChart": { kind: "path", path: operatorChart } };
  const { merged, source } = planSettings(layout, stack, chart);
  copyFileSync(join(layout.project, "Pulumi.yaml"), join(layout.stacks, "Pulumi.yaml"));
  writeFileSync(stackSettingsFile(layout, stack), stringify(merged, { lineWidth: 0 }), { mode: 0o600 });
  writeFileSync(sourceFile(layout, stack), stringify(source, { lineWidth: 0 }));
}

function planSettings(
  layout: EngineLayout,
  stack: string,
  ofMachine: Readonly<Record<string, unknown>>,
): { merged: StackSettings; source: StackSettings } {
  const name = `Pulumi.${stack}.yaml`;
  const trackedFile = join(layout.project, name);
  if (!existsSync(trackedFile)) {
    throw new SandboxError([`${name}: must exist in the project's folder, got no such file; name an existing stack`]);
  }
  const tracked = settings(trackedFile);
  const faults = foreignSecretFaults(name, tracked);
  if (faults.length > 0) throw new SandboxError(faults);
  const source = { config: { ...sandboxValues, ...ofMachine, ...tracked.config } };
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
