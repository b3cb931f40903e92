import { hostAndPort } from "./host.ts";

/**
 * Address of a node port for this machine.
 * @param nodeAddress Host name or address of a node.
 * @param port The node port; undefined for none.
 * @returns The URL; undefined without a port.
 */
export function nodeUrl(nodeAddress: string, scheme: "http" | "https", port: number | undefined): string | undefined {
  return port === undefined ? undefined : `${scheme}://${hostAndPort(nodeAddress, port)}`;
}
