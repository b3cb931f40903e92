import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { nodeAddress } from "../cluster/addresses.ts";
import type { Extra } from "../extras.ts";
import { report, step } from "../progress.ts";
import { repositoryDirectory, stateDirectory } from "../paths.ts";
import type { Project } from "../project.ts";
import { chooseVault, deployedVaults, vaultVariables } from "./deployed-vault.ts";
import { engineEnvironment, withoutUnwanted } from "./environment.ts";
import { placeExecutables, type ToolPaths } from "./executables.ts";
import { engineLayout } from "./layout.ts";
import { type BuiltPlugins, placePlugins, pluginLine } from "./plugins.ts";
import { plannedSettings, prepareStack } from "./stack.ts";

export { unwantedVariables } from "./environment.ts";
export type { ToolPaths } from "./executables.ts";

const layout = engineLayout(repositoryDirectory, stateDirectory);

/**
 * Makes the sandbox's engine and one of its stacks ready for `pulumi up`: executables, provider plugins, local backend,
 * passphrase, settings with their secrets. Safe to repeat; keeps everything that holds state.
 *
 * @param tools Built executables; `pulumi` is a must, the others go on PATH under their names.
 * @param plugins Provider plugins built here.
 * @param stack A stack with a tracked `Pulumi.<stack>.yaml`.
 * @param operatorChart Folder of the secrets operator's chart.
 * @param project What the project says about its stacks.
 * @throws SandboxError when the stack's settings or a plugin are missing.
 */
export async function prepareEngine(
  tools: ToolPaths,
  plugins: BuiltPlugins,
  stack: string,
  operatorChart: string,
  project: Project,
): Promise<void> {
  await step(`engine for stack ${stack}`, async () => {
    for (const folder of [layout.bin, layout.backend, layout.stacks]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    if (!existsSync(layout.passphraseFile)) {
      writeFileSync(layout.passphraseFile, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
    }
    placeExecutables(layout, tools);
    const env = { ...withoutUnwanted(process.env), ...environment(stack) };
    report(pluginLine(await placePlugins(layout, env, plugins)));
    await prepareStack(layout, stack, { project, machine: { nodeAddress, operatorChart } }, env);
  });
}

/**
 * What a stack needs of the sandbox besides the cluster, by the settings it will have in its next run.
 *
 * @throws SandboxError when its settings file is missing or holds secrets of its own.
 */
export function stackExtras(project: Project, stack: string): readonly Extra[] {
  return project.extras(plannedSettings(layout, stack).config ?? {});
}

/**
 * The variables under which a bare `pulumi` in the project's folder works on a stack of the sandbox, PATH included.
 * They hold no secret. What should be unset beside them is in `unwantedVariables`.
 */
export function environment(stack: string): Record<string, string> {
  return engineEnvironment(layout, stack, process.env["PATH"] ?? "");
}

/** A Vault that a shell can speak to. */
export interface ShellVault {
  /** The stack that has it. */
  readonly stack: string;
  /** What Vault's command line takes from the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The Vault of the stack that is up. Its authorities are written to a file of the sandbox.
 * @param project What the project says about its stacks.
 * @param stack Whose it is to be; undefined for whichever is up.
 * @returns The Vault, or why there is none to speak to.
 */
export function shellVault(project: Project, stack: string | undefined): ShellVault | { readonly reason: string } {
  const vaults = deployedVaults(layout, project.vault);
  const vault = chooseVault(vaults, stack, project.stacks);
  if (vault === undefined) {
    const several = stack === undefined && vaults.length > 0;
    return {
      reason: several
        ? `the stacks ${vaults.map((found) => found.stack).join(", ")} are up; name one by --stack`
        : notUp(stack),
    };
  }
  const caFile = join(layout.stacks, `${vault.stack}-ca.pem`);
  const variables = vaultVariables(vault, caFile);
  if (variables === undefined) {
    return { reason: `Vault of stack ${vault.stack} has no address of its own; set nodePort or a passthrough for it` };
  }
  if (vault.caCertificate !== "") writeFileSync(caFile, vault.caCertificate);
  return { stack: vault.stack, variables };
}

function notUp(stack: string | undefined): string {
  return stack === undefined
    ? "no stack is up; bring one up by `npm run up`"
    : `stack ${stack} is not up; bring it up by \`npm run up -- ${stack}\``;
}
