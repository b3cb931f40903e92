import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readlink, statfs } from "node:fs/promises";
import { freemem } from "node:os";
import path from "node:path";
import { interfaceName, nodeAddress, ports } from "./cluster/addresses.ts";
import { addressHolder } from "./cluster/network.ts";
import { isRunning, processIds, sandboxProcesses } from "./cluster/processes.ts";
import { attempt } from "./command.ts";
import { SandboxError } from "./faults.ts";
import { findProgram, installMissingPrograms, missingProgramFaults } from "./machine-programs.ts";
import { cacheDirectory, repositoryDirectory, stateDirectory } from "./paths.ts";

const gigabyte = 1024 ** 3;

/** Room for built tools, Go's own caches of what they are built from, images and volumes. */
const diskForBuilding = 14 * gigabyte;
const diskForRunning = 3 * gigabyte;

/** What control plane, node and one Vault need; less and the kernel starts to kill. */
const memoryNeeded = 1.5 * gigabyte;

/**
 * Checks that this machine can host the sandbox and installs what Debian packages can provide.
 * @param buildsPending Whether tools have to be built first.
 * @throws SandboxError with every fault found, each with the way out.
 */
export async function requireHost(buildsPending: boolean): Promise<void> {
  const basics = [...platformFaults(), ...(await goFaults())];
  // Without Linux or root none of the following could even be looked at.
  if (basics.length > 0) throw new SandboxError(basics);
  await installMissingPrograms().catch((error: unknown) => {
    throw new SandboxError([...missingProgramFaults(), String(error)], { cause: error });
  });
  const running = sandboxProcesses();
  const faults = [
    ...missingProgramFaults(),
    ...kernelFaults(),
    ...otherClusterFaults(),
    ...addressFaults(),
    ...(await portFaults()),
    ...(await diskFaults(buildsPending ? diskForBuilding : diskForRunning)),
    ...(running.length === 0 ? memoryFaults() : []),
  ];
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

async function goFaults(): Promise<string[]> {
  const needed = neededGoVersion();
  if (findProgram("go") === undefined)
    return [`go: must be on PATH in version ${needed} or later, got none; see https://go.dev/doc/install`];
  const said = await attempt(["go", "env", "GOVERSION", "GOTOOLCHAIN"]);
  const [version = "", toolchain = ""] = said.stdout.trim().split("\n");
  const found = version.replace(/^go/, "");
  if (compareVersions(found, needed) >= 0) return [];
  // From 1.21 on, Go downloads the version that a module asks for, unless it is told not to.
  if (compareVersions(found, "1.21.0") >= 0 && toolchain !== "local") return [];
  return [
    `go: must be version ${needed} or later, got ${found}; see https://go.dev/doc/install, or set GOTOOLCHAIN=auto`,
  ];
}

/** The highest version that any tool's module asks for. */
function neededGoVersion(): string {
  const modules = path.join(repositoryDirectory, "sandbox/tools");
  const versions = readdirSync(modules)
    .map((name) => path.join(modules, name, "go.mod"))
    .filter((file) => existsSync(file))
    .map((file) => /^go (\S+)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "0");
  return versions.sort(compareVersions).at(-1) ?? "0";
}

/**
 * Compares two versions of Go.
 * @param left For example 1.25.6, or 1.26rc1, which counts as 1.26.
 * @param right Another version.
 * @returns Less than, equal to or greater than 0.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(".").map((part) => Number.parseInt(part, 10)));
  for (const index of [0, 1, 2]) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function kernelFaults(): string[] {
  const faults: string[] = [];
  if (!/\boverlay\b/.test(readFileSync("/proc/filesystems", "utf8"))) {
    faults.push("kernel: must know the overlay file system, got none; load it with `modprobe overlay`");
  }
  const controllers = enabledControllers();
  const missing = ["cpu", "cpuset", "memory", "pids"].filter((name) => !controllers.has(name));
  if (missing.length > 0) {
    const found = [...controllers].join(", ") || "none";
    faults.push(
      `control groups: must offer cpu, cpuset, memory and pids below /sys/fs/cgroup, got ${found}; ` +
        "mount them, or leave the container this runs in",
    );
  }
  return faults;
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

function addressFaults(): string[] {
  const holder = addressHolder();
  if (holder === undefined) return [];
  return [`address: ${nodeAddress} must be free for ${interfaceName}, got it on ${holder}; remove it there`];
}

async function portFaults(): Promise<string[]> {
  const ours = new Set(sandboxProcesses().map(({ pid }) => pid));
  const wanted = new Map<number, string>(Object.entries(ports).map(([name, port]) => [port, name]));
  const listeners = [...listeningSockets("tcp"), ...listeningSockets("tcp6")].filter(({ port }) => wanted.has(port));
  if (listeners.length === 0) return [];
  const owners = await socketOwners(new Set(listeners.map(({ inode }) => inode)));
  return listeners.flatMap(({ port, inode }) => {
    const owner = owners.get(inode);
    if (owner !== undefined && ours.has(owner.pid)) return [];
    const who = owner === undefined ? "another program" : `${owner.name} (process ${owner.pid})`;
    return [
      `port ${port}: must be free on ${nodeAddress}, got it taken on every address by ${who}; stop that program or let it listen on 127.0.0.1`,
    ];
  });
}

interface Listener {
  readonly port: number;
  readonly inode: string;
}

/** Sockets that listen on every address or on the node's; others are not in the way. */
function listeningSockets(protocol: "tcp" | "tcp6"): Listener[] {
  const table = `/proc/net/${protocol}`;
  if (!existsSync(table)) return [];
  return readFileSync(table, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      const [address = "", port = ""] = local.split(":");
      const isInTheWay = /^0+$/.test(address) || address === hexadecimalNodeAddress;
      return state === "0A" && isInTheWay ? [{ port: Number.parseInt(port, 16), inode }] : [];
    });
}

/** As `/proc/net/tcp` writes it: the bytes in the order of a little-endian machine. */
const hexadecimalNodeAddress = nodeAddress
  .split(".")
  .reverse()
  .map((part) => Number(part).toString(16).padStart(2, "0").toUpperCase())
  .join("");

async function socketOwners(inodes: ReadonlySet<string>): Promise<Map<string, { pid: number; name: string }>> {
  const owners = new Map<string, { pid: number; name: string }>();
  for (const pid of processIds()) {
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
        const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
        if (inode === undefined || !inodes.has(inode)) continue;
        owners.set(inode, { pid, name: readFileSync(`/proc/${pid}/comm`, "utf8").trim() });
      }
    } catch (error) {
      // It has ended since it was listed.
      if (!(error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")))
        throw error;
    }
  }
  return owners;
}

async function diskFaults(needed: number): Promise<string[]> {
  const faults: string[] = [];
  for (const directory of new Set([cacheDirectory, stateDirectory].map(existingParent))) {
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
  if (free >= memoryNeeded) return [];
  return [`memory: ${gigabytes(memoryNeeded)} must be available, got ${gigabytes(free)}; end other programs`];
}

function existingParent(directory: string): string {
  return existsSync(directory) ? directory : existingParent(path.dirname(directory));
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}
