/**
 * `npm run up|preview|refresh|destroy -- [stack] [--cluster sandbox|current] [pulumi flags]`: one engine command on one
 * stack, in the sandbox (started first) or on the cluster of the caller's kube context.
 */
import { execFileSync } from "node:child_process";

import { z } from "zod";

import { unreachableCluster } from "./cluster-check.ts";
import { runInForeground } from "./foreground.ts";
import { parseStackCommand, pulumiArguments, refreshVariable, type StackCommand } from "./stack-command.ts";
import { currentEnvironment, sandboxEnvironment } from "./stack-environment.ts";
import { stackGuide } from "./stack-guide.ts";
import { progress } from "./steps.ts";

const command = parseStackCommand(process.argv.slice(2));
process.exitCode = "faults" in command ? refuse(command.faults) : await perform(command);

async function perform(asked: StackCommand): Promise<number> {
  const environment =
    asked.cluster === "sandbox" ? await sandboxEnvironment(asked.stack) : currentEnvironment(process.env);
  if ("faults" in environment) return refuse(environment.faults);
  const env = { ...environment.env, ...refreshVariable(asked) };
  const unreachable = await unreachableCluster({ ...asked, env });
  if (unreachable !== null) return refuse([unreachable]);
  progress(`pulumi ${asked.action} of stack ${asked.stack} …`);
  const begun = performance.now();
  const code = await runInForeground("pulumi", pulumiArguments(asked, process.stdin.isTTY), { env });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  progress(`pulumi ${asked.action} of stack ${asked.stack} … ${code === 0 ? "done" : `exit code ${code}`} ${seconds}s`);
  if (asked.action === "up" && code === 0) process.stderr.write(`\n${stackGuide(asked, outputs(asked.stack, env))}\n`);
  return code;
}

function outputs(stack: string, env: NodeJS.ProcessEnv): Record<string, unknown> {
  const answer = execFileSync("pulumi", ["stack", "output", "--json", "--stack", stack], { env, encoding: "utf8" });
  return z.record(z.string(), z.unknown()).parse(JSON.parse(answer));
}

function refuse(faults: readonly string[]): number {
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  return 2;
}
