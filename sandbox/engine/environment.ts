import { join } from "node:path";

import { cacheDirectory } from "../paths.ts";
import { type EngineLayout, stackSettingsFile } from "./layout.ts";

/**
 * Variables that must not reach the sandbox's engine: each would send it to another backend, passphrase, Vault or
 * module path than the sandbox's own. A shell that takes over the sandbox's environment should unset them.
 */
export const unwantedVariables: readonly string[] = [
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_API",
  "PULUMI_CONFIG",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_STACK",
  "VAULT_ADDR",
  "VAULT_AGENT_ADDR",
  "VAULT_CACERT",
  "VAULT_CAPATH",
  "VAULT_CLIENT_CERT",
  "VAULT_CLIENT_KEY",
  "VAULT_NAMESPACE",
  "VAULT_SKIP_VERIFY",
  "VAULT_TLS_SERVER_NAME",
  "VAULT_TOKEN",
  "VAULT_WRAP_TTL",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_TLS_REJECT_UNAUTHORIZED",
];

/**
 * The variables under which `pulumi`, started in the project's folder, works on a stack of the sandbox.
 *
 * With them a bare `pulumi preview` or `pulumi config set` uses the sandbox's settings file: the tracked one stays as
 * it is. They hold no secret; the passphrase is named by its file.
 *
 * @param stack The stack a bare `pulumi` command means.
 * @param path The PATH to put the engine's folder before.
 */
export function engineEnvironment(layout: EngineLayout, stack: string, path: string): Record<string, string> {
  return {
    PATH: [layout.bin, ...path.split(":").filter((entry) => entry !== layout.bin)].join(":"),
    PULUMI_HOME: layout.home,
    PULUMI_BACKEND_URL: `file://${layout.backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: layout.passphraseFile,
    PULUMI_OPTION_STACK: stack,
    PULUMI_OPTION_CONFIG_FILE: stackSettingsFile(layout, stack),
    // Plugins are put in place before a run; a download in the middle of one would hang where there is no internet.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_SUPPRESS_NEO_LINK: "true",
    // Program, language host and plugins are started anew at every run and load the same code each time.
    NODE_COMPILE_CACHE: join(cacheDirectory, "compiled"),
  };
}

/** A copy of an environment without what would mislead the engine. */
export function withoutUnwanted(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !unwantedVariables.includes(name)));
}
