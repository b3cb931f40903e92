import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { fault } from "../../shared/errors.ts";
import { refuse } from "../refuse.ts";
import { currentEnvironment, sandboxEnvironment } from "../stack-environment.ts";

const settingsSchema = z.looseObject({ config: z.record(z.string(), z.unknown()).default({}) });

/** Where a stack's settings are and in what environment `pulumi` runs for it. */
export interface StackCall {
  readonly env: NodeJS.ProcessEnv;
  /** The part `config` of the settings file, secrets encrypted. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Prepares a call on a stack.
 * @returns Environment and settings.
 */
export async function stackCall(stack: string, cluster: string): Promise<StackCall> {
  if (!["sandbox", "current"].includes(cluster)) {
    refuse([fault("--cluster", "must be sandbox or current", cluster, "name one")]);
  }
  const environment = cluster === "sandbox" ? await sandboxEnvironment(stack) : currentEnvironment(process.env);
  if ("faults" in environment) refuse(environment.faults);
  const { env } = environment;
  const named = env["PULUMI_OPTION_CONFIG_FILE"] ?? "";
  const file = named === "" ? `Pulumi.${stack}.yaml` : named;
  if (!existsSync(file)) refuse([fault("the stack", "must have a settings file", file, "name an existing stack")]);
  const { config } = settingsSchema.parse(parse(readFileSync(file, "utf8")) ?? {});
  return { env, config };
}
