import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { attempt, run } from "../command.ts";
import { runtimeDirectory, stateDirectory } from "../paths.ts";
import { awaitCondition } from "./await-condition.ts";
import { networkName } from "./containerd.ts";
import { isRunning, processIds, signal } from "./processes.ts";

/**
 * Kills processes and all that runs in containers, until none is left.
 * Only to be called when neither the kubelet nor containerd runs, or when they are among the others: they start more.
 * @param others Lists the further processes to kill. @default - none
 */
export async function killContainers(others: () => readonly number[] = () => []): Promise<void> {
  await awaitCondition(
    "end of all containers",
    () => {
      const left = [...containerProcesses(), ...others()];
      for (const pid of left) signal(pid, "SIGKILL");
      return Promise.resolve(left.length === 0 ? undefined : `processes ${left.join(", ")} are running`);
    },
    20_000,
  );
}

/** Unmounts and removes everything of the containers that ran: mounts, network namespaces, sockets, control groups. */
export async function removeContainerRemains(): Promise<void> {
  removeShimSockets();
  for (const mount of sandboxMounts()) await unmount(mount);
  rmSync(runtimeDirectory, { recursive: true, force: true });
  removeCachedResults();
  await awaitCondition("removal of control groups", removeControlGroups, 10_000);
}

/**
 * Lists mounts of the sandbox.
 * @returns Mount points, the innermost first.
 */
export function sandboxMounts(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => unescapeMount(line.split(" ")[4] ?? ""))
    .filter((mount) => [stateDirectory, runtimeDirectory].some((parent) => mount.startsWith(`${parent}/`)))
    .reverse();
}

/**
 * Lists the processes inside containers.
 * @returns Process ids.
 */
export function containerProcesses(): number[] {
  return processIds().filter((pid) => isRunning(pid) && controlGroupsOf(pid).includes(podControlGroup));
}

/**
 * Lists control groups that the kubelet has made, one for each hierarchy of the machine.
 * @returns Folders below /sys/fs/cgroup.
 */
export function podControlGroups(): string[] {
  const root = "/sys/fs/cgroup";
  const hierarchies = [root, ...readdirSync(root).map((name) => path.join(root, name))];
  return hierarchies.map((hierarchy) => path.join(hierarchy, "kubepods")).filter((group) => isRealDirectory(group));
}

/** The kubelet's group for all pods: at the root of each hierarchy, and named like this by every kubelet. */
const podControlGroup = "/kubepods";

function controlGroupsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch {
    return "";
  }
}

async function unmount(mount: string): Promise<void> {
  if ((await attempt(["umount", mount])).code === 0) return;
  // Someone, perhaps a shell, has a file open there: detached now, released when it is closed.
  await run(["umount", "--lazy", mount]);
}

/** Spaces and other separators are octal in mountinfo. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

/** Shims make their sockets in a folder that all containerds share, and leave them when they are killed. */
function removeShimSockets(): void {
  const bundles = path.join(runtimeDirectory, "containerd", "io.containerd.runtime.v2.task", "k8s.io");
  if (!existsSync(bundles)) return;
  for (const bundle of readdirSync(bundles)) {
    const addressFile = path.join(bundles, bundle, "address");
    if (!existsSync(addressFile)) continue;
    const socket = readFileSync(addressFile, "utf8").replace(/^unix:\/\//, "");
    if (socket.startsWith("/run/containerd/s/")) rmSync(socket, { force: true });
  }
}

/** The CNI library remembers what each pod was given, in a folder of its own. */
function removeCachedResults(): void {
  const results = "/var/lib/cni/results";
  if (!existsSync(results)) return;
  for (const name of readdirSync(results)) {
    if (name.startsWith(`${networkName}-`)) rmSync(path.join(results, name));
  }
}

/** A group is busy for as long as the last of its killed processes has not been reaped. */
function removeControlGroups(): Promise<string | undefined> {
  try {
    for (const group of podControlGroups()) removeControlGroup(group);
    return Promise.resolve(undefined);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EBUSY") return Promise.resolve(error.message);
    throw error;
  }
}

/** A control group is removed like an empty folder, from the innermost outwards; its files cannot and need not be. */
function removeControlGroup(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeControlGroup(path.join(group, entry.name));
  }
  rmdirSync(group);
}

/**
 * Removes the kubelet's links to container logs, which point into our state folder from a folder that all kubelets
 * share.
 */
export function removeLogLinks(): void {
  const links = "/var/log/containers";
  if (!existsSync(links)) return;
  for (const name of readdirSync(links)) {
    const link = path.join(links, name);
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(stateDirectory)) rmSync(link);
  }
}

function isRealDirectory(group: string): boolean {
  return lstatSync(group, { throwIfNoEntry: false })?.isDirectory() === true;
}
