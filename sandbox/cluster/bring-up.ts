import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Extra } from "../extras.ts";
import { SandboxError } from "../faults.ts";
import { ensureGateway } from "../gateway/install.ts";
import { ensureImages } from "../images/import.ts";
import { findNetworkPlugins, findProgram } from "../machine-programs.ts";
import { runtimeDirectory } from "../paths.ts";
import { report, step } from "../progress.ts";
import { toolBinary, type GoIdentity } from "../toolchain/tool-cache.ts";
import type { ToolName } from "../toolchain/tools.ts";
import { chooseRanges, type ClusterRanges } from "./addresses.ts";
import { awaitCondition } from "./await-condition.ts";
import { applyClusterObjects } from "./cluster-objects.ts";
import { controlPlane } from "./control-plane.ts";
import { ensureCredentials } from "./credentials.ts";
import { killContainers, removeContainerRemains } from "./leftovers.ts";
import { readMachineRecord, writeMachineRecord } from "./machine-record.ts";
import { podsStartedSince } from "./health.ts";
import { ensureNetwork, machineRoutes } from "./network.ts";
import { node } from "./node.ts";
import type { Part, PartContext, PartName } from "./parts.ts";
import { endProcess, isRunning, logFile, type PartLife, sandboxProcesses, startPart } from "./processes.ts";
import { services } from "./services.ts";

/** How long a part may take to become ready: a busy machine of two cores needs a small part of it. */
const readyLimit = 120_000;

/**
 * Brings the cluster to what this version of the sandbox describes: starts what does not run, restarts what runs
 * differently, leaves alone what is right. Data of etcd and volumes are kept.
 * @param go With what the tools were built.
 * @param extras What is wanted besides; what is there already and not wanted is left alone.
 * @throws SandboxError naming the part that does not become ready, with the end of its log.
 */
export async function bringUp(go: GoIdentity, extras: readonly Extra[]): Promise<void> {
  const { ranges } = readMachineRecord() ?? writeMachineRecord(await freeRanges());
  const binary = (tool: ToolName) => toolBinary(tool, go);
  const parts = allParts(partContext(ranges, binary));
  await ensureCredentials(ranges);
  const cleared = await clearDeadContainers();
  await ensureNetwork(ranges);
  await startAll(parts, binary);
  await awaitPods(cleared);
  if (extras.includes("gateway")) await ensureGateway(binary);
}

/** All parts of the cluster, in the order in which people list them. */
export function allParts(context: PartContext): Part[] {
  return [...controlPlane(context), ...node(context), ...services(context)];
}

/**
 * Gathers what the commands of the parts depend on.
 * @param binary Finds the binary of a tool.
 */
export function partContext(ranges: ClusterRanges, binary: (tool: ToolName) => string): PartContext {
  return {
    ranges,
    binaries: {
      etcd: binary("etcd"),
      kubernetes: binary("kubernetes"),
      coredns: binary("coredns"),
      volumes: binary("volumes"),
    },
    containerd: findProgram("containerd") ?? "containerd",
    networkPlugins: findNetworkPlugins() ?? "",
    nameServers: reachableNameServers(),
  };
}

async function freeRanges(): Promise<ClusterRanges> {
  const routes = await machineRoutes();
  const ranges = chooseRanges(routes);
  if (ranges !== undefined) return ranges;
  throw new SandboxError([
    `network: some private range must be free for pods, got routes to ${routes.join(", ")}; disconnect a VPN`,
  ]);
}

/**
 * When containerd and all shims are gone, as after a reboot or a kill of everything, whatever containers have left is
 * rubbish. When only containerd is gone, its shims still hold running containers, and a new containerd takes them over.
 * @returns Since when no container of earlier can be running; an `up` that was cut short then leaves the rest to the
 * next.
 */
async function clearDeadContainers(): Promise<Date> {
  const alive = sandboxProcesses().some(({ part }) => part === "containerd");
  if (!alive) {
    await step("clear what dead containers have left", async () => {
      // The kubelet holds mounts of its own and would race with the sweep.
      await endPart("kubelet");
      await killContainers();
      await removeContainerRemains();
    });
  }
  mkdirSync(runtimeDirectory, { recursive: true, mode: 0o700 });
  const note = path.join(runtimeDirectory, "cleared");
  if (!alive) writeFileSync(note, new Date().toISOString());
  return new Date(existsSync(note) ? readFileSync(note, "utf8") : 0);
}

async function awaitPods(cleared: Date): Promise<void> {
  const started = podsStartedSince(cleared);
  if ((await started()) === undefined) return;
  await step("pods start again", () => awaitCondition("pods", started, readyLimit)).catch((error: unknown) => {
    const said = error instanceof Error ? error.message : String(error);
    throw new SandboxError(
      [`pods: must be looked after by the kubelet, got: ${said}; see \`npm run sandbox -- logs kubelet\``],
      {
        cause: error,
      },
    );
  });
}

async function startAll(parts: readonly Part[], binary: (tool: ToolName) => string): Promise<void> {
  const ready = new Map<PartName, Promise<void>>();
  // Assigned before anything is awaited, so that each part finds the promises of those it needs.
  for (const part of parts) {
    ready.set(
      part.name,
      Promise.resolve().then(async () => {
        for (const name of part.needs) await ready.get(name);
        await bringUpPart(part);
        if (part.name === "kube-apiserver") {
          await step("cluster objects", () => applyClusterObjects(binary("kubernetes")));
        }
      }),
    );
  }
  const images = Promise.resolve(ready.get("containerd")).then(() => ensureImages(binary));
  const outcomes = await Promise.allSettled([...ready.values(), images]);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  // A part that fails takes down all that need it, with the same error.
  const distinct = [...new Set(reasons)];
  if (distinct.length === 0) return;
  const faults = distinct.flatMap((reason) => (reason instanceof SandboxError ? reason.faults : [String(reason)]));
  throw new SandboxError(faults, { cause: distinct[0] });
}

async function bringUpPart(part: Part): Promise<void> {
  const fingerprint = fingerprintOf(part);
  const running = mainProcesses(part.name);
  const [present] = running;
  if (present === undefined || running.length > 1 || present.fingerprint !== fingerprint) {
    if (running.length > 0) report(`${part.name} runs with other settings and is restarted`);
    await endPart(part.name);
    writeFiles(part);
    await step(part.name, async () => {
      await awaitReady(part, await startPart(part, fingerprint));
    });
  } else {
    await awaitReady(part, { startedAt: present.startedAt, hasEnded: () => !isRunning(present.pid) });
  }
}

async function awaitReady(part: Part, life: PartLife): Promise<void> {
  try {
    await awaitCondition(
      part.name,
      async () => {
        // One that has ended will not become ready, however long it is waited for.
        if (life.hasEnded()) throw new Error(`${part.name} has ended`);
        return part.ready(life.startedAt);
      },
      readyLimit,
    );
  } catch (error) {
    const log = logFile(part.name);
    const end = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-8).join("\n  ") : "";
    const what = error instanceof Error ? error.message : String(error);
    throw new SandboxError(
      [
        `${part.name}: must become ready, got: ${what}; see its log, or start anew with \`npm run sandbox -- down\`\n  ${end}`,
      ],
      { cause: error },
    );
  }
}

async function endPart(name: PartName): Promise<void> {
  await Promise.all(mainProcesses(name).map(({ pid }) => endProcess(pid, 10_000)));
}

function mainProcesses(name: PartName) {
  return sandboxProcesses().filter((candidate) => candidate.isMain && candidate.part === name);
}

function writeFiles(part: Part): void {
  for (const [file, text] of Object.entries(part.files)) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function fingerprintOf({ command, files }: Part): string {
  return createHash("sha256")
    .update(JSON.stringify([command, files]))
    .digest("hex")
    .slice(0, 16);
}

/** Resolvers on the machine's loopback, such as systemd's, are another machine's loopback to a pod. */
function reachableNameServers(): string[] {
  const file = ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"].find((candidate) => existsSync(candidate));
  if (file === undefined) return [];
  return [...readFileSync(file, "utf8").matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)/gm)]
    .flatMap(([, address]) => (address === undefined || address.startsWith("127.") ? [] : [address]))
    .slice(0, 3);
}
