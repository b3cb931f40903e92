import { readFileSync } from "node:fs";
import { allParts, partContext } from "./bring-up.ts";
import { readMachineRecord } from "./machine-record.ts";
import { sandboxProcesses } from "./processes.ts";

/** How one part is doing. */
export interface PartStatus {
  readonly name: string;
  /** Its process, or undefined when it does not run. */
  readonly pid: number | undefined;
  /** Memory it alone holds, in bytes. */
  readonly memory: number;
  /** Why it is not healthy, or undefined when it is. */
  readonly fault: string | undefined;
  readonly endpoint: string;
}

/**
 * Asks every part.
 * @returns One status per part; none when there is no sandbox.
 */
export async function clusterStatus(): Promise<PartStatus[]> {
  const record = readMachineRecord();
  if (record === undefined) return [];
  // Asked and not started, so where their binaries are does not matter.
  const parts = allParts(partContext(record.ranges, () => ""));
  const running = sandboxProcesses().filter(({ isMain }) => isMain);
  return Promise.all(
    parts.map(async ({ name, endpoint, ready }): Promise<PartStatus> => {
      const process = running.find(({ part }) => part === name);
      if (process === undefined) return { name, pid: undefined, memory: 0, fault: "not running", endpoint };
      const { pid, startedAt } = process;
      return { name, pid, memory: residentMemory(pid), fault: await ready(startedAt), endpoint };
    }),
  );
}

/**
 * Renders the status for people.
 * @returns A table, one line per part.
 */
export function renderStatus(parts: readonly PartStatus[]): string {
  if (parts.length === 0) {
    return "the sandbox is down; start it with `npm run up`, or alone with `npm run sandbox -- up`";
  }
  return parts
    .map(({ name, pid, memory, fault, endpoint }) => {
      const megabytes = pid === undefined ? "-" : `${Math.round(memory / 1024 ** 2)} MB`;
      const process = String(pid ?? "-").padStart(8);
      return `${name.padEnd(24)}${process}${megabytes.padStart(9)}  ${endpoint.padEnd(44)} ${fault ?? "healthy"}`;
    })
    .join("\n");
}

function residentMemory(pid: number): number {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}
