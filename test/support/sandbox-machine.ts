import { execFile, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { containerProcesses, sandboxMounts } from "../../sandbox/cluster/leftovers.ts";
import { removeInterface } from "../../sandbox/cluster/network.ts";
import { cleanFirewall } from "../../sandbox/cluster/firewall.ts";
import { sandboxProcesses, signal } from "../../sandbox/cluster/processes.ts";
import { kubeconfigFile, runtimeDirectory } from "../../sandbox/paths.ts";
import { goIdentity, toolBinary } from "../../sandbox/toolchain/tool-cache.ts";

const execute = promisify(execFile);
const repository = path.join(import.meta.dirname, "../..");

/** How a command ended. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the sandbox's command line as a person does, in a process of its own.
 * @param args For example `up`.
 * @returns Exit code and output.
 */
export function sandbox(...args: readonly string[]): Promise<CommandEnd> {
  return execute(process.execPath, ["scripts/sandbox.ts", ...args], { cwd: repository }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as CommandEnd,
  );
}

/**
 * Runs kubectl against the sandbox.
 * @param input What it reads on standard input.
 * @returns Standard output.
 */
export async function kubectl(args: readonly string[], input = ""): Promise<string> {
  const running = execute(toolBinary("kubernetes", await goIdentity()), ["kubectl", ...args], {
    env: { ...process.env, KUBECONFIG: kubeconfigFile },
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/**
 * Forwards a local port to a pod for as long as some work takes.
 * @param pod `<namespace>/<name>`.
 * @param ports `<local>:<remote>`.
 * @param work Called once the port is open.
 */
export async function forwarding<Result>(pod: string, ports: string, work: () => Promise<Result>): Promise<Result> {
  const [namespace = "", name = ""] = pod.split("/");
  const kubernetes = toolBinary("kubernetes", await goIdentity());
  const child = spawn(kubernetes, ["kubectl", "--namespace", namespace, "port-forward", `pod/${name}`, ports], {
    env: { ...process.env, KUBECONFIG: kubeconfigFile },
    stdio: ["ignore", "pipe", "ignore"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  try {
    return await work();
  } finally {
    child.kill();
  }
}

/** Kills every process of the sandbox at once, containers included, so that nothing can end in order. */
export function killEverything(): void {
  for (const pid of [...sandboxProcesses().map((process) => process.pid), ...containerProcesses()]) {
    signal(pid, "SIGKILL");
  }
}

/** Kills the main process of one part. */
export function killPart(part: string): void {
  for (const process of sandboxProcesses()) if (process.part === part && process.isMain) signal(process.pid, "SIGKILL");
}

/**
 * The main processes of the sandbox.
 * @returns Process ids by part.
 */
export function mainProcesses(): Record<string, number> {
  return Object.fromEntries(sandboxProcesses().flatMap(({ part, pid, isMain }) => (isMain ? [[part, pid]] : [])));
}

/**
 * Leaves the machine as a reboot does: nothing runs, nothing is mounted, the firewall is empty, disks are as they were.
 */
export async function pretendReboot(): Promise<void> {
  killEverything();
  for (const mount of sandboxMounts()) await execute("umount", ["--lazy", mount]);
  rmSync(runtimeDirectory, { recursive: true });
  await cleanFirewall();
  await removeInterface();
}

/**
 * Reads kernel settings.
 * @param names Paths under `/proc/sys`.
 * @returns Values by path.
 */
export function kernelSettings(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(`/proc/sys/${name}`, "utf8").trim()]));
}
