import { existsSync, readFileSync } from "node:fs";

import { parse } from "yaml";
import { z } from "zod";

import { clusterFault } from "../kube/cluster-reach.ts";
import { currentContext } from "../kube/kubeconfig/current-context.ts";

const stackFile = z.object({ config: z.record(z.string(), z.unknown()).default({}) });

/** Where the settings of a stack are, and the environment of the engine. */
export interface CheckedStack {
  readonly stack: string;
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Asks the cluster of a stack one question before the engine is started, which would take seconds to reach the same
 * result; and a destroy runs no program that could ask.
 * @returns Why the cluster cannot be asked; null when it answers, and when the settings leave open which one it is:
 * then the program, or the engine, says what is wrong with them.
 */
export async function unreachableCluster({ stack, flags, env }: CheckedStack): Promise<string | null> {
  const settings = settingsOf(settingsFile(flags, env) ?? `Pulumi.${stack}.yaml`);
  const kubeContext = textOf(settings["vaultstack:kubeContext"]) ?? currentContext(env);
  if (kubeContext === null) return null;
  const namespace = textOf(settings["vaultstack:namespace"]) ?? "vault";
  return clusterFault({ kubeContext, namespace, statefulSet: "vault" }, env);
}

function settingsFile(flags: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const at = flags.findIndex((flag) => flag === "--config-file" || flag.startsWith("--config-file="));
  const flag = flags[at];
  if (flag === undefined) return env["PULUMI_OPTION_CONFIG_FILE"];
  return flag === "--config-file" ? flags[at + 1] : flag.slice("--config-file=".length);
}

function settingsOf(file: string): Readonly<Record<string, unknown>> {
  if (!existsSync(file)) return {};
  return stackFile.safeParse(parse(readFileSync(file, "utf8"))).data?.config ?? {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
