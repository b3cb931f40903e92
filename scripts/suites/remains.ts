import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import { removeOperator } from "./operator-remains.ts";
import { progress } from "../steps.ts";
import { type LeftStack, namespacesOf } from "./left-stack.ts";

const run = promisify(execFile);
const stackFolder = /^vaultstack-live-(.+)-[^-]{6}$/;
const settings = z.object({ config: z.record(z.string(), z.unknown()).default({}) });
/** How long to wait for a namespace to be gone; then the next suite starts beside what hangs. */
const deletionSeconds = 180;

/**
 * Removes what a suite has left of its stacks: processes, namespaces, cluster-wide objects. A suite that cleans up has
 * removed its stacks' folders itself, and nothing happens. Other stacks are not touched, whatever they are called.
 */
export async function removeRemains(folder: string): Promise<void> {
  const stacks = readdirSync(folder).flatMap((name) => leftStack(folder, name));
  if (stacks.length === 0) return;
  const killed = killProcesses(folder);
  const kubectl = await sandboxKubectl();
  const existing = await kubectl("get", "namespaces", "-o", "name").catch(() => "");
  const all = existing.split("\n").map((line) => line.replace("namespace/", ""));
  const namespaces = [...new Set(stacks.flatMap((stack) => namespacesOf(stack, all)))];
  progress(
    `removing what is left of ${stacks.map(({ name }) => name).join(", ")}: ${killed} processes, ${namespaces.join(", ") || "no namespace"}`,
  );
  for (const namespace of namespaces) {
    try {
      await removeOperator({ kubectl }, namespace);
      await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait", `--timeout=${deletionSeconds}s`);
      await removeClusterRoles(kubectl, namespace);
    } catch (error) {
      progress(`cannot remove ${namespace}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

type Kubectl = (...args: string[]) => Promise<string>;

function leftStack(folder: string, entry: string): LeftStack[] {
  const name = stackFolder.exec(entry)?.[1];
  if (name === undefined) return [];
  const file = join(folder, entry, `Pulumi.${name}.yaml`);
  try {
    return [{ name, config: settings.parse(parse(readFileSync(file, "utf8"))).config }];
  } catch {
    // It was left before it had settings.
    return [{ name, config: {} }];
  }
}

/** Engines, their plugins and the program, of every stack in the folder. */
function killProcesses(folder: string): number {
  const backend = `PULUMI_BACKEND_URL=file://${folder}/`;
  const found = readdirSync("/proc").filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/environ`, "utf8").includes(backend);
    } catch {
      // It ended while it was looked at.
      return false;
    }
  });
  for (const pid of found) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  return found.length;
}

async function sandboxKubectl(): Promise<Kubectl> {
  const { stdout } = await run(process.execPath, ["scripts/sandbox.ts", "env", "--json"]).catch(() => ({
    stdout: "{}",
  }));
  const variables = z.record(z.string(), z.string()).parse(JSON.parse(stdout));
  const env = { ...process.env, ...variables };
  return async (...args) => (await run("kubectl", args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
}

async function removeClusterRoles(kubectl: Kubectl, namespace: string): Promise<void> {
  for (const kind of ["clusterrolebindings", "clusterroles"]) {
    const names = (await kubectl("get", kind, "-o", "name")).split("\n").filter(Boolean);
    const own = names.filter((name) => name.split("/")[1]?.startsWith(`${namespace}-`));
    if (own.length > 0) await kubectl("delete", ...own, "--ignore-not-found");
  }
}
