import { createHash } from "node:crypto";

/**
 * First port a tunnel may take. Below the range Linux hands out to outgoing connections (32768 and up) and above
 * the ports of well-known servers, so that only another tunnel is likely to hold it.
 */
export const firstTunnelPort = 18_200;

/** How many ports are shared among the stacks of a machine. */
export const tunnelPortCount = 8_000;

/**
 * The loopback port of a stack's tunnel. It stands in the state of every Vault resource, so it must be the same on
 * every machine and in every run.
 *
 * @param key what the port belongs to, for example `vaultstack/dev`.
 */
export function tunnelPort(key: string): number {
  return firstTunnelPort + (createHash("sha256").update(key).digest().readUInt32BE(0) % tunnelPortCount);
}
