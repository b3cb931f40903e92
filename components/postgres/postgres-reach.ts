import * as pulumi from "@pulumi/pulumi";
import { connectKube } from "../cluster/kube-client.ts";
import type { PodPort } from "../cluster/pod-stream.ts";
import { closeWhenEngineIsDone } from "../cluster/program-lifetime.ts";
import { openTunnel } from "../cluster/tunnel.ts";

/** Where this machine finds a Postgres server. */
export interface PostgresReach {
  /** Host name or address. */
  readonly host: string;
  /** Port. */
  readonly port: number;
}

/** A tunnel to the pod of a Postgres server. */
export interface PostgresTunnelArgs extends PodPort {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  /** Loopback port; it stands in the state, so it must not change from run to run. */
  readonly localPort: number;
}

/**
 * Opens the way to the pod of a Postgres server. Nothing is dialled before a provider connects, so that the pod need
 * not exist yet.
 * @param args Which pod, and where to listen.
 * @returns The address to use.
 * @throws {pulumi.RunError} When the tunnel cannot be opened: no such context, or the port is taken.
 */
export async function reachPostgres(args: PostgresTunnelArgs): Promise<PostgresReach> {
  const { kubeContext, localPort, namespace, pod, port } = args;
  try {
    const tunnel = await openTunnel({
      port: localPort,
      kube: await connectKube(kubeContext),
      choosePod: () => Promise.resolve({ namespace, pod, port }),
      portConfigKey: "vaultstack:postgres.tunnelPort",
      onFault: (reason) => void pulumi.log.debug(`tunnel to Postgres: ${reason}`),
    });
    closeWhenEngineIsDone(() => tunnel.close());
    return { host: "127.0.0.1", port: localPort };
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}
