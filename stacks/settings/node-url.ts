import { hostAndPort } from "../../shared/host.ts";
import type { StackConfig } from "../config.ts";

/**
 * Address of a node port for this machine.
 * @param config Names a node.
 * @param scheme What listens there.
 * @param port The node port; undefined for none.
 * @returns The URL; undefined without a port.
 */
export function nodeUrl(
  { nodeAddress }: Pick<StackConfig, "nodeAddress">,
  scheme: "http" | "https",
  port: number | undefined,
): string | undefined {
  return port === undefined ? undefined : `${scheme}://${hostAndPort(nodeAddress, port)}`;
}
