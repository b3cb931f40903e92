import { readFile } from "node:fs/promises";

/** Whose connection it is: that of a user, by id; nobody's any more; or unknown, because this system does not say. */
export type Peer =
  { readonly kind: "user"; readonly uid: number } | { readonly kind: "gone" } | { readonly kind: "unknown" };

/** The two ends of a loopback connection. */
export interface LoopbackPorts {
  /** Port of the side that connected. */
  readonly peer: number;
  /** Port that is listened on. */
  readonly own: number;
}

/** Reads a table of the connections of this machine; rejects where there is none. */
export type ConnectionTable = (name: "tcp" | "tcp6") => Promise<string>;

/**
 * Asks the kernel which user is at the other end of a connection over the loopback address. Only Linux tells.
 * @param table Where the kernel's tables are read.
 * @returns The user; "gone" when nobody has the connection any more, which must not count as a user: the kernel then
 * says root.
 */
export async function loopbackPeer(ports: LoopbackPorts, table: ConnectionTable = kernelTable): Promise<Peer> {
  // The kernel walks its table in several reads, and may miss a connection while others come and go.
  for (let attempt = 1; ; attempt++) {
    // A connection that was opened as IPv6 is in the other table, with both addresses mapped.
    const tables = await Promise.all((["tcp", "tcp6"] as const).map((name) => table(name).catch(() => null)));
    if (tables.every((text) => text === null)) return { kind: "unknown" };
    const uid = tables.map((text) => uidIn(text ?? "", ports)).find((found) => found !== null);
    if (uid !== undefined) return { kind: "user", uid };
    if (attempt === 3) return { kind: "gone" };
  }
}

const kernelTable: ConnectionTable = (name) => readFile(`/proc/self/net/${name}`, "utf8");

/** 127.0.0.1 as the kernel writes it, in the byte order of the machine, and mapped into IPv6. */
const loopback = new Set([
  "0100007F",
  "0000000000000000FFFF00000100007F",
  "7F000001",
  "00000000000000000000FFFF7F000001",
]);

/**
 * Finds the line of the peer: its local end is its port, its remote end is ours.
 * @returns The user's id; null when no process has the connection.
 */
function uidIn(table: string, { peer, own }: LoopbackPorts): number | null {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, "0");
  const at = (end: string | undefined, port: number): boolean => {
    const [address = "", number] = (end ?? "").split(":");
    return number === hex(port) && loopback.has(address);
  };
  for (const line of table.split("\n")) {
    const [, local, remote, , , , , uid, , inode] = line.trim().split(/\s+/);
    // Without an inode nobody has it open: it is what its owner left behind, to which the kernel gives the id of root.
    if (at(local, peer) && at(remote, own) && inode !== undefined && inode !== "0") return Number(uid);
  }
  return null;
}
