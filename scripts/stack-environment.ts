import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { z } from "zod";

import { isInCluster } from "../kube/kubeconfig/in-cluster.ts";
import { unsafeEnvironmentFaults } from "../shared/unsafe-environment.ts";
import { runInForeground } from "./foreground.ts";

/** The environment of a `pulumi` process, or what is missing for one. */
export type StackEnvironment = { readonly env: NodeJS.ProcessEnv } | { readonly faults: readonly string[] };

const sandboxCli = "scripts/sandbox.ts";

/**
 * Starts the sandbox unless it runs, makes the stack known to its engine, and takes over its environment.
 *
 * @returns The environment; or what must be unset in the caller's, or a message that points at the sandbox's own
 * output.
 */
export async function sandboxEnvironment(stack: string): Promise<StackEnvironment> {
  const faults = unsafeEnvironmentFaults(process.env);
  if (faults.length > 0) return { faults };
  let answer = "";
  const code = await runInForeground(process.execPath, [sandboxCli, "up", "--json", "--stack", stack], {
    env: process.env,
    onOutput: (text) => (answer += text),
  });
  if (code !== 0) return { faults: [`the sandbox: must start, got exit code ${code}; see its output above`] };
  const variables = z.record(z.string(), z.string()).parse(JSON.parse(answer));
  return { env: { ...withoutSettingsOf(process.env, /^(PULUMI|VAULT)_|^NODE_(OPTIONS|PATH)$/), ...variables } };
}

/**
 * The caller's own environment, without Vault settings that would lead the program to another Vault than the stack's.
 * Starts nothing and changes nothing.
 */
export function currentEnvironment(env: NodeJS.ProcessEnv): StackEnvironment {
  const faults = unsafeEnvironmentFaults(env);
  if (!isOnPath("pulumi", env["PATH"] ?? "")) {
    faults.push("pulumi: must be on PATH for --cluster current, got none; install the Pulumi CLI");
  }
  const kubeconfigs = env["KUBECONFIG"]?.split(delimiter).filter(Boolean) ?? [join(homedir(), ".kube", "config")];
  if (!kubeconfigs.some((file) => existsSync(file)) && !isInCluster(env)) {
    faults.push(
      `the kubeconfig: must exist for --cluster current, got no file at ${kubeconfigs.join(", ")}; ` +
        "set KUBECONFIG, or leave out --cluster current to use the sandbox",
    );
  }
  return faults.length > 0 ? { faults } : { env: withoutSettingsOf(env, /^VAULT_/) };
}

function withoutSettingsOf(env: NodeJS.ProcessEnv, names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));
}

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
