import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { stateDirectory } from "../paths.ts";
import type { ClusterRanges } from "./addresses.ts";

/** What the first `up` found and chose; `down` puts the machine back to it. */
export interface MachineRecord {
  readonly ranges: ClusterRanges;
  /** Kernel settings that parts of the cluster change, as they were, by their path under `/proc/sys`. */
  readonly kernelSettings: Readonly<Record<string, string>>;
  /** Places outside the state folder that programs of the cluster use without being asked, and that were not there. */
  readonly absentPaths: readonly string[];
}

/**
 * Kernel settings changed by `up` itself (forwarding), by kube-proxy (loopback routing, for node ports on 127.0.0.1) or
 * by the kubelet (all others).
 */
const changedSettings = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

/** Their paths are fixed in the kubelet, in containerd and in the CNI library. */
const borrowedPaths = [
  "/var/lib/kubelet",
  "/var/lib/cni",
  "/var/log/containers",
  "/run/containerd",
  "/run/xtables.lock",
  "/opt/containerd",
];

const recordSchema = z.strictObject({
  ranges: z.strictObject({ pods: z.string(), services: z.string() }),
  kernelSettings: z.record(z.string(), z.string()),
  absentPaths: z.array(z.string()),
});

const recordFile = path.join(stateDirectory, "machine.json");

/**
 * Reads the record of the machine.
 * @returns The record, or undefined when there is no sandbox.
 */
export function readMachineRecord(): MachineRecord | undefined {
  return existsSync(recordFile) ? recordSchema.parse(JSON.parse(readFileSync(recordFile, "utf8"))) : undefined;
}

/**
 * Records the machine as it is now. To be called before anything is changed, and only when there is no record.
 * @param ranges The ranges chosen for this cluster.
 */
export function writeMachineRecord(ranges: ClusterRanges): MachineRecord {
  const record: MachineRecord = {
    ranges,
    kernelSettings: Object.fromEntries(
      changedSettings.filter((name) => existsSync(settingFile(name))).map((name) => [name, readSetting(name)]),
    ),
    absentPaths: borrowedPaths.filter((borrowed) => !existsSync(borrowed)),
  };
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(`${recordFile}.unfinished`, JSON.stringify(record, undefined, 2));
  renameSync(`${recordFile}.unfinished`, recordFile);
  return record;
}

/**
 * Sets kernel settings, leaving alone those that already have the value.
 * @param settings Values by their path under `/proc/sys`.
 */
export function applyKernelSettings(settings: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (readSetting(name) !== value) writeFileSync(settingFile(name), value);
  }
}

function readSetting(name: string): string {
  return readFileSync(settingFile(name), "utf8").trim();
}

function settingFile(name: string): string {
  return path.join("/proc/sys", name);
}
