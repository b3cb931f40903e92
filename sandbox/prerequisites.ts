import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { freemem } from "node:os";
import path from "node:path";
import { interfaceName, nodeAddress } from "./cluster/addresses.ts";
import { addressHolder } from "./cluster/network.ts";
import { portFaults } from "./cluster/port-faults.ts";
import { foreignSandboxes, isRunning, processIds, sandboxProcesses } from "./cluster/processes.ts";
import { attempt } from "./command.ts";
import type { Extra } from "./extras.ts";
import { SandboxError } from "./faults.ts";
import { findProgram, installMissingPrograms, missingProgramFaults } from "./machine-programs.ts";
import { cacheDirectory, stateDirectory } from "./paths.ts";
import { goFaults } from "./toolchain/go-faults.ts";
import { goIdentity, missingTools, type GoIdentity } from "./toolchain/tool-cache.ts";
import type { ToolName } from "./toolchain/tools.ts";

const gigabyte = 1024 ** 3;

/** Room for built tools, Go's own caches of what they are built from, images and volumes. */
const diskForBuilding = 14 * gigabyte;
const diskForRunning = 3 * gigabyte;

/** What control plane, node and one Vault need; less and the kernel starts to kill. */
const memoryNeeded = 1.5 * gigabyte;

/**
 * Checks that this machine can host the sandbox and installs what Debian packages can provide.
 * @param names The tools that are needed, since building takes more room than running.
 * @param extras The extras that are wanted, which need programs of their own.
 * @returns What the tools are built with.
 * @throws SandboxError with every fault found, each with the way out.
 */
export async function requireHost(names: readonly ToolName[], extras: readonly Extra[]): Promise<GoIdentity> {
  const platform = platformFaults();
  const goAnswers = await goFaults(names);
  // Without Linux or root nothing else could even be looked at.
  if (platform.length > 0) throw new SandboxError([...platform, ...goAnswers]);
  const installation = await installMissingPrograms(extras).then(
    () => [],
    (error: unknown) => [`packages: must be installable, got ${String(error)}; install them by hand`],
  );
  const go = goAnswers.length > 0 ? undefined : await goIdentity();
  const foreign = foreignSandboxFaults();
  const mustBuild = go === undefined || missingTools(names, go).length > 0;
  const faults = [
    ...goAnswers,
    ...installation,
    ...missingProgramFaults(extras),
    ...(await overlayFaults()),
    ...controlGroupFaults(),
    ...otherClusterFaults(),
    // Another sandbox holds the address and every port, which need not be told one by one.
    ...(foreign.length > 0 ? foreign : [...addressFaults(), ...portFaults()]),
    ...(await diskFaults(mustBuild ? diskForBuilding : diskForRunning, [cacheDirectory, stateDirectory])),
    ...memoryFaults(),
  ];
  if (faults.length > 0 || go === undefined) throw new SandboxError(faults);
  return go;
}

/**
 * Checks that the tools can be built here.
 * @returns What the tools are built with.
 * @throws SandboxError with every fault found, each with the way out.
 */
export async function requireBuilder(names: readonly ToolName[]): Promise<GoIdentity> {
  const goAnswers = await goFaults(names);
  const go = goAnswers.length > 0 ? undefined : await goIdentity();
  const mustBuild = go === undefined || missingTools(names, go).length > 0;
  const faults = [
    ...platformFaults(),
    ...goAnswers,
    ...(mustBuild ? await diskFaults(diskForBuilding, [cacheDirectory]) : []),
  ];
  if (faults.length > 0 || go === undefined) throw new SandboxError(faults);
  return go;
}

/**
 * Checks that there can be a sandbox on this machine at all.
 * @throws SandboxError when this is not Linux or the user is not root.
 */
export function requirePlatform(): void {
  const faults = platformFaults();
  if (faults.length > 0) throw new SandboxError(faults);
}

function platformFaults(): string[] {
  const elsewhere = "use a cluster of your own with `npm run up -- --cluster current`";
  if (process.platform !== "linux") return [`system: must be Linux, got ${process.platform}; ${elsewhere}`];
  const user = process.getuid?.();
  if (user === 0) return [];
  return [
    `user: must be root, because containers and their network are made here, got uid ${user}; use sudo, or ${elsewhere}`,
  ];
}

async function overlayFaults(): Promise<string[]> {
  const isKnown = () => /\boverlay\b/.test(readFileSync("/proc/filesystems", "utf8"));
  // Kernels that have it as a module load it on the first mount only, which containerd's check comes before.
  if (!isKnown() && findProgram("modprobe") !== undefined) await attempt(["modprobe", "overlay"]);
  if (isKnown()) return [];
  return ["kernel: must know the overlay file system, got none; use a kernel that has it"];
}

function controlGroupFaults(): string[] {
  const controllers = enabledControllers();
  const missing = ["cpu", "cpuset", "memory", "pids"].filter((name) => !controllers.has(name));
  if (missing.length === 0) return [];
  const found = [...controllers].join(", ") || "none";
  return [
    `control groups: must offer cpu, cpuset, memory and pids below /sys/fs/cgroup, got ${found}; ` +
      "mount them, or leave the container this runs in",
  ];
}

function enabledControllers(): Set<string> {
  const unified = "/sys/fs/cgroup/cgroup.controllers";
  if (existsSync(unified)) return new Set(readFileSync(unified, "utf8").trim().split(" "));
  const names = ["cpu", "cpuset", "memory", "pids"];
  return new Set(names.filter((name) => existsSync(`/sys/fs/cgroup/${name}/cgroup.procs`)));
}

/** Two kube-proxies would undo each other's rules, and two kubelets share folders whose paths are fixed. */
function otherClusterFaults(): string[] {
  const ours = new Set(sandboxProcesses().map(({ pid }) => pid));
  const others = processIds().flatMap((pid) => {
    const name = ours.has(pid) || !isRunning(pid) ? "" : readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    return /^(kubelet|kube-proxy|k3s-server|k3s-agent|rke2)$/.test(name) ? [`${name} (process ${pid})`] : [];
  });
  if (others.length === 0) return [];
  return [
    `machine: must not be a node of another cluster, got ${others.join(", ")}; stop that node, or use it with \`npm run up -- --cluster current\``,
  ];
}

function foreignSandboxFaults(): string[] {
  return foreignSandboxes().map(
    (state) =>
      `sandbox: must be the only one of this machine, got one with its state in ${state}; ` +
      `use it or remove it, with XDG_STATE_HOME=${path.resolve(state, "../..")}`,
  );
}

function addressFaults(): string[] {
  const holder = addressHolder();
  if (holder === undefined) return [];
  return [`address: ${nodeAddress} must be free for ${interfaceName}, got it on ${holder}; remove it there`];
}

async function diskFaults(needed: number, directories: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const directory of new Set(directories.map(existingParent))) {
    const { bavail, bsize } = await statfs(directory);
    const free = bavail * bsize;
    if (free < needed) {
      faults.push(
        `disk: ${directory} must have ${gigabytes(needed)} free, got ${gigabytes(free)}; free some, or set XDG_CACHE_HOME and XDG_STATE_HOME to a larger disk`,
      );
    }
  }
  return faults;
}

function memoryFaults(): string[] {
  const free = freemem();
  // A sandbox that runs has taken its share already.
  if (free >= memoryNeeded || sandboxProcesses().length > 0) return [];
  return [`memory: ${gigabytes(memoryNeeded)} must be available, got ${gigabytes(free)}; end other programs`];
}

function existingParent(directory: string): string {
  return existsSync(directory) ? directory : existingParent(path.dirname(directory));
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}
