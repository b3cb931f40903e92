import * as pulumi from "@pulumi/pulumi";
import { connectKube } from "../cluster/kube-client.ts";
import { closeWhenEngineIsDone } from "../cluster/program-lifetime.ts";
import { openTunnel } from "../cluster/tunnel.ts";
import type { VaultTarget } from "./protocol/types.ts";

/** How this machine reaches Vault's API. */
export type VaultAccess =
  | {
      /** The program listens on a loopback port and carries connections over the Kubernetes API. */
      readonly kind: "tunnel";
      /** Loopback port; it stands in the state, so it must not change from run to run. */
      readonly port: number;
    }
  | {
      /** Vault is reachable as it is: an ingress, a load balancer, a node port. */
      readonly kind: "address";
      /** Base URL, without a trailing slash. */
      readonly url: string;
    };

/** What the program knows about Vault before it changes anything. */
export interface VaultReach {
  /** Base URL for this machine. */
  readonly address: string;
  /** Set when Vault serves: its identity. Null when it does not, or is not there. */
  readonly serving: { readonly clusterId: string } | null;
  /** Why it does not serve, for people. */
  readonly obstacle: string;
}

// Long enough for an API server far away, short enough for a preview of a cluster that is gone.
const probeTimeoutMs = 5_000;

/**
 * Opens the way to Vault and asks whether it serves.
 *
 * Must come before any resource of Vault is declared: the official Vault plugin cannot preview against a sealed or
 * absent server, so what is declared depends on the answer.
 * @param access The way to take.
 * @param target The pods of the Vault.
 * @returns The address to use and what was found behind it.
 * @throws {pulumi.RunError} When the tunnel cannot be opened: no such context, or the port is taken.
 */
export async function reachVault(access: VaultAccess, target: VaultTarget): Promise<VaultReach> {
  const address = access.kind === "address" ? access.url : await listen(access.port, target);
  return { address, ...(await probe(address)) };
}

async function listen(port: number, target: VaultTarget): Promise<string> {
  try {
    const kube = await connectKube(target.kubeContext);
    const tunnel = await openTunnel({
      port,
      kube,
      choosePod: () => Promise.resolve(leadingPod(target)),
      onFault: (reason) => void pulumi.log.debug(`tunnel to Vault: ${reason}`),
    });
    closeWhenEngineIsDone(() => tunnel.close());
    return `http://${tunnel.address}`;
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

/** The pod that answers for the whole: of a standalone Vault the only one. */
function leadingPod({ namespace, pods: [pod], port }: VaultTarget) {
  return pod === undefined ? null : { namespace, pod, port };
}

async function probe(address: string): Promise<Pick<VaultReach, "serving" | "obstacle">> {
  let status: unknown;
  try {
    const response = await fetch(`${address}/v1/sys/seal-status`, { signal: AbortSignal.timeout(probeTimeoutMs) });
    status = await response.json();
  } catch {
    return { serving: null, obstacle: "no Vault answers" };
  }
  if (typeof status !== "object" || status === null) return { serving: null, obstacle: "what answers is not Vault" };
  if (!("initialized" in status && status.initialized === true))
    return { serving: null, obstacle: "it is not initialised" };
  if (!("sealed" in status && status.sealed === false)) return { serving: null, obstacle: "it is sealed" };
  const clusterId = "cluster_id" in status && typeof status.cluster_id === "string" ? status.cluster_id : "";
  return { serving: { clusterId }, obstacle: "" };
}
