import * as pulumi from "@pulumi/pulumi";
import { connectKube } from "../../kube/kube-client.ts";
import type { PodPort } from "../../kube/pod-stream.ts";
import { closeWhenEngineIsDone } from "../../kube/tunnel/program-lifetime.ts";
import { openTunnel } from "../../kube/tunnel/tunnel.ts";

/** Where this machine finds a Postgres server. */
export interface PostgresReach {
  /** Host name or address. */
  readonly host: string;
  /** Port. */
  readonly port: number;
}

/** How this machine reaches a Postgres server in the cluster. */
export type PostgresAccess =
  | {
      /** The program listens on a loopback port and carries connections over the Kubernetes API. */
      readonly kind: "tunnel";
      /** Loopback port; it is stored in the state, so it must not change from run to run. */
      readonly port: number;
    }
  | ({
      /** The server is reachable as it is: a load balancer, for example. */
      readonly kind: "address";
    } & PostgresReach);

/** The pod of a Postgres server. */
export interface PostgresPod extends PodPort {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
}

/**
 * Opens the way to a Postgres server in the cluster. Nothing connects before a provider does, so the pod need not exist
 * yet.
 * @throws {pulumi.RunError} When the tunnel cannot be opened: no such context, or the port is taken.
 */
export async function reachPostgres(access: PostgresAccess, pod: PostgresPod): Promise<PostgresReach> {
  if (access.kind === "address") return { host: access.host, port: access.port };
  const { kubeContext, ...podPort } = pod;
  try {
    const tunnel = await openTunnel({
      port: access.port,
      kube: await connectKube(kubeContext),
      choosePod: () => Promise.resolve(podPort),
      portConfigKey: "vaultstack:postgres.access.port",
      onFault: (reason) => void pulumi.log.debug(`tunnel to Postgres: ${reason}`),
      onStranger: (reason) => void pulumi.log.warn(`tunnel to Postgres: ${reason}`),
    });
    closeWhenEngineIsDone(() => tunnel.close());
    return { host: "127.0.0.1", port: access.port };
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}
