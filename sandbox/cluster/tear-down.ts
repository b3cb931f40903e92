import { existsSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { attempt } from "../command.ts";
import { runtimeDirectory, stateDirectory } from "../paths.ts";
import { report, step } from "../progress.ts";
import { firstAddress, interfaceName } from "./addresses.ts";
import { awaitCondition } from "./await-condition.ts";
import { cleanFirewall, firewallLeftovers } from "./firewall.ts";
import {
  containerProcesses,
  killContainers,
  podControlGroups,
  removeContainerRemains,
  removeLogLinks,
  sandboxMounts,
} from "./leftovers.ts";
import { applyKernelSettings, readMachineRecord, type MachineRecord } from "./machine-record.ts";
import { removeInterface } from "./network.ts";
import { isRunning, processIds, sandboxProcesses } from "./processes.ts";

/**
 * Removes the sandbox with all its data and puts the machine back to how the first `up` found it. Works on whatever is
 * left of a sandbox, and does nothing where there is none.
 */
export async function tearDown(): Promise<void> {
  const record = readMachineRecord();
  await removeRunning(record);
  await step("restore kernel settings and remove files", () => {
    if (record !== undefined) {
      applyKernelSettings(record.kernelSettings);
      record.absentPaths.forEach(removeBorrowed);
    }
    removeLogLinks();
    rmSync(stateDirectory, { recursive: true, force: true });
    removeIfEmpty(path.dirname(stateDirectory));
    return Promise.resolve();
  });
}

/**
 * Ends a sandbox whose state folder was removed while it ran: nobody has its keys any more, so it cannot be repaired.
 * Does nothing to one that has its record.
 */
export async function removeOrphan(): Promise<void> {
  if (readMachineRecord() !== undefined) return;
  if (sandboxProcesses().length === 0 && sandboxMounts().length === 0) return;
  report("a sandbox without its state folder is running; it is ended first");
  await removeRunning(undefined);
}

/**
 * Looks for anything that a sandbox leaves on a machine.
 * @returns One line for each thing found; none after a `down`.
 */
export async function findLeftovers(): Promise<string[]> {
  const interfaces = (await attempt(["ip", "-brief", "link", "show", interfaceName])).stdout.trim();
  return [
    ...sandboxProcesses().map(({ pid, part }) => `process ${pid} of ${part}`),
    ...containerProcesses().map((pid) => `process ${pid} in a container`),
    ...sandboxMounts().map((mount) => `mount ${mount}`),
    ...podControlGroups().map((group) => `control group ${group}`),
    ...(await firewallLeftovers()).map((line) => `firewall: ${line}`),
    ...(interfaces === "" ? [] : [`interface ${interfaces}`]),
    ...[stateDirectory, runtimeDirectory].filter((place) => existsSync(place)).map((place) => `folder ${place}`),
  ];
}

async function removeRunning(record: MachineRecord | undefined): Promise<void> {
  // Killed and not asked: what they would still write is removed next.
  await step("end processes and containers", () => killContainers(() => sandboxProcesses().map(({ pid }) => pid)));
  await step("remove mounts and control groups", removeContainerRemains);
  await step("remove network and firewall rules", async () => {
    await cleanFirewall();
    await removeInterface();
    if (record !== undefined) await awaitEndOfPodInterfaces(record.ranges.pods);
  });
}

/** The kernel removes a pod's interface some time after the last process of its network namespace has ended. */
async function awaitEndOfPodInterfaces(pods: string): Promise<void> {
  // The machine's end of each pod's pair carries the range's first address.
  const gateway = firstAddress(pods);
  const holders = () =>
    Object.entries(networkInterfaces()).filter(([, addresses]) =>
      addresses?.some(({ address }) => address === gateway),
    );
  await awaitCondition(
    "removal of pods' interfaces",
    () => {
      const left = holders().map(([name]) => name);
      return Promise.resolve(left.length === 0 ? undefined : `${left.join(", ")} exist`);
    },
    20_000,
  );
}

/** Removes what was not there before the sandbox, unless another containerd has begun to use it since. */
function removeBorrowed(place: string): void {
  if (place === "/run/containerd" && anotherContainerdRuns()) return;
  rmSync(place, { recursive: true, force: true });
}

function anotherContainerdRuns(): boolean {
  return processIds().some((pid) => isRunning(pid) && programOf(pid) === "containerd");
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "ENOENT"))) {
      throw error;
    }
  }
}
