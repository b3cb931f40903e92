import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { nodeAddress, ports } from "./addresses.ts";
import { processIds, sandboxProcesses } from "./processes.ts";

/** Checks that no other program listens where the parts of the cluster will. */
export function portFaults(): string[] {
  const ours = new Set(sandboxProcesses().map(({ pid }) => pid));
  const wanted = new Set<number>(Object.values(ports));
  const listeners = listeningSockets().filter(({ port }) => wanted.has(port));
  if (listeners.length === 0) return [];
  const owners = socketOwners(new Set(listeners.map(({ inode }) => inode)));
  const taken = listeners.flatMap(({ port, inode }) => {
    const owner = owners.get(inode);
    if (owner !== undefined && ours.has(owner.pid)) return [];
    const who = owner === undefined ? "another program" : `${owner.name} (process ${owner.pid})`;
    return [
      `port ${port}: must be free on ${nodeAddress}, got it taken by ${who}, which listens on every address; ` +
        "stop that program or let it listen on 127.0.0.1 alone",
    ];
  });
  // A program that listens with and without IPv6 has the port twice.
  return [...new Set(taken)];
}

/** A socket that accepts connections on every address or on the node's. */
export interface Listener {
  readonly port: number;
  readonly inode: string;
}

/**
 * Reads the kernel's table of TCP sockets.
 * @returns The listening sockets that are in the way of one on the node's address.
 */
export function parseListeners(table: string): Listener[] {
  return table
    .trim()
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      const [address = "", port = ""] = local.split(":");
      const isInTheWay = /^0+$/.test(address) || address === hexadecimalNodeAddress;
      return state === listening && isInTheWay ? [{ port: Number.parseInt(port, 16), inode }] : [];
    });
}

const listening = "0A";

/** As the kernel writes it: the bytes in the order of a little-endian machine. */
const hexadecimalNodeAddress = nodeAddress
  .split(".")
  .reverse()
  .map((part) => Number(part).toString(16).padStart(2, "0").toUpperCase())
  .join("");

function listeningSockets(): Listener[] {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((table) => existsSync(table));
  return tables.flatMap((table) => parseListeners(readFileSync(table, "utf8")));
}

function socketOwners(inodes: ReadonlySet<string>): Map<string, { pid: number; name: string }> {
  const owners = new Map<string, { pid: number; name: string }>();
  for (const pid of processIds()) {
    for (const inode of openSockets(pid)) {
      if (inodes.has(inode)) owners.set(inode, { pid, name: readFileSync(`/proc/${pid}/comm`, "utf8").trim() });
    }
  }
  return owners;
}

function openSockets(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const descriptors = unlessGone(() => readdirSync(folder)) ?? [];
  return descriptors.flatMap((descriptor) => {
    const link = unlessGone(() => readlinkSync(`${folder}/${descriptor}`)) ?? "";
    const [, inode] = /^socket:\[(\d+)\]$/.exec(link) ?? [];
    return inode === undefined ? [] : [inode];
  });
}

/** A process may end, or close one of its files, while they are being listed; that says nothing of the others. */
function unlessGone<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
