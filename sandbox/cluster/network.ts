import { networkInterfaces } from "node:os";
import { z } from "zod";
import { attempt, run } from "../command.ts";
import { interfaceName, nodeAddress, type ClusterRanges } from "./addresses.ts";
import { applyKernelSettings, readMachineRecord } from "./machine-record.ts";

const routesSchema = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));

/**
 * Lists where the machine has routes to, apart from the default route and the sandbox's own.
 * @returns IPv4 ranges and addresses.
 */
export async function machineRoutes(): Promise<string[]> {
  const routes = routesSchema.parse(JSON.parse(await run(["ip", "-4", "-json", "route", "show"])));
  return routes.filter(({ dst, dev }) => dst !== "default" && dev !== interfaceName).map(({ dst }) => dst);
}

/**
 * Says which other interface carries the node's address.
 * @returns Its name, or undefined.
 */
export function addressHolder(): string | undefined {
  return Object.entries(networkInterfaces()).find(
    ([name, addresses]) => name !== interfaceName && addresses?.some(({ address }) => address === nodeAddress),
  )?.[0];
}

/** Gives the machine the node's address and makes it forward the packets of pods. Safe to repeat. */
export async function ensureNetwork(ranges: ClusterRanges): Promise<void> {
  await ensureInterface();
  await run(["ip", "address", "replace", `${nodeAddress}/32`, "dev", interfaceName]);
  await run(["ip", "link", "set", interfaceName, "up"]);
  // Without a route the machine itself could not reach a service where it has no default route.
  await run(["ip", "route", "replace", ranges.services, "dev", interfaceName]);
  applyKernelSettings({ "net/ipv4/ip_forward": "1" });
  const rule = podAccessRule(ranges);
  // Firewalls that refuse what they do not know would keep pods from DNS and the API server.
  const present = await attempt(["iptables", "-w", "-C", "INPUT", ...rule]);
  if (present.code !== 0) await run(["iptables", "-w", "-I", "INPUT", ...rule]);
}

/** Removes the node's address and with it the routes. */
export async function removeInterface(): Promise<void> {
  if (await interfaceExists()) await run(["ip", "link", "delete", interfaceName]);
}

/**
 * Variables that keep programs from going to the cluster through a proxy, which cannot reach it.
 * @returns The caller's exceptions with the sandbox's added: the node, this machine, and where there is a cluster, its
 * pods and services.
 */
export function withoutProxy(): Record<string, string> {
  const ranges = readMachineRecord()?.ranges;
  const inCluster = ranges === undefined ? [] : [ranges.pods, ranges.services];
  const exceptions = (process.env["NO_PROXY"] ?? process.env["no_proxy"] ?? "").split(",").filter(Boolean);
  const all = [...new Set([...exceptions, nodeAddress, "127.0.0.1", "localhost", ...inCluster])].join(",");
  return { NO_PROXY: all, no_proxy: all };
}

/** The comment on every firewall rule that is the sandbox's own and not Kubernetes'. */
export const ruleComment = "vaultstack-sandbox";

function podAccessRule(ranges: ClusterRanges): string[] {
  return ["-s", ranges.pods, "-d", nodeAddress, "-m", "comment", "--comment", ruleComment, "-j", "ACCEPT"];
}

async function ensureInterface(): Promise<void> {
  if (await interfaceExists()) return;
  // Any device without a cable will do; small kernels are built without one or the other of these.
  const dummy = await attempt(["ip", "link", "add", interfaceName, "type", "dummy"]);
  if (dummy.code !== 0) await run(["ip", "link", "add", interfaceName, "type", "bridge"]);
}

async function interfaceExists(): Promise<boolean> {
  return (await attempt(["ip", "link", "show", interfaceName])).code === 0;
}
