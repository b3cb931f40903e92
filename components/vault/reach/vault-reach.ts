import { get } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { connectKube, type KubeApi } from "../../../kube/kube-client.ts";
import { closeWhenEngineIsDone } from "../../../kube/tunnel/program-lifetime.ts";
import { openTunnel } from "../../../kube/tunnel/tunnel.ts";
import { isAddress, parseUrl } from "../../../shared/host.ts";
import { verified } from "../../../shared/verified-tls.ts";
import { accessFaults } from "./access-faults.ts";
import { writeCaFile } from "./ca-file.ts";
import { leaderChooser } from "../../../protocol/vault-client/leader-chooser.ts";
import { readKeys } from "../../../protocol/keys/keys-secret.ts";
import { storedAuthorities } from "../../../protocol/certificate/trusted-authorities.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";

/** How this machine reaches Vault's API. */
export type VaultAccess =
  | {
      /** The program listens on a loopback port and carries connections over the Kubernetes API. */
      readonly kind: "tunnel";
      /** Loopback port; it is stored in the state, so it must not change from run to run. */
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
  /** Name that the certificate behind the address is verified against; null when Vault speaks plain HTTP. */
  readonly serverName: string | null;
  /** Set when Vault serves: its identity. Null when it does not, or is not there. */
  readonly serving: { readonly clusterId: string } | null;
  /** Why it does not serve, human-readable. */
  readonly obstacle: string;
  /** The identity it had when it last served; left out while it serves, and where there is no such record. */
  readonly recorded?: { readonly clusterId: string };
}

/**
 * Whether this is a preview in which Vault cannot be asked: what depends on its objects is then not known.
 * @returns True when nothing can be said about what lives inside it.
 */
export function isOutOfSight(reach: VaultReach): boolean {
  return reach.serving === null && pulumi.runtime.isDryRun();
}

/**
 * Whether this run refreshes everything, so that nothing can be compared without Vault. A program can only tell from
 * its environment; the npm scripts set it.
 * @param env Environment of the program. @default process.env
 */
export function isRefreshing(env: NodeJS.ProcessEnv = process.env): boolean {
  return env["PULUMI_OPTION_REFRESH"] === "true";
}

// Long enough for a distant API server, short enough for a preview of a cluster that is gone.
const probeTimeoutMs = 5_000;

/**
 * Opens the way to Vault and asks whether it serves.
 *
 * Must come before any resource of Vault is declared: the official Vault plugin cannot preview against a sealed or
 * absent server, so what is declared depends on the answer.
 * @param keysSecret Secret in their namespace with the encrypted keys, which names the cluster they unseal; null for a
 * Vault without keys.
 * @returns The address to use and what was found behind it.
 * @throws {pulumi.RunError} When the address cannot be one of this Vault, or the tunnel cannot be opened: no such
 * context, or the port is taken.
 */
export async function reachVault(
  access: VaultAccess,
  target: VaultTarget,
  keysSecret: string | null = null,
): Promise<VaultReach> {
  const faults = accessFaults("access", access, target.tls !== null);
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
  const address = access.kind === "address" ? access.url : await listen(access.port, target);
  const found = await lookAt(access, target, address);
  return found.serving === null ? { ...found, ...(await recordedCluster(target, keysSecret)) } : found;
}

async function lookAt(access: VaultAccess, target: VaultTarget, address: string): Promise<VaultReach> {
  if (target.tls === null) return { address, serverName: null, ...(await probe(plainTransport(address))) };
  const { namespace, tls } = target;
  const bundle = await withinProbeTime(storedAuthorities(await connect(target), namespace, tls.authoritySecret));
  const serverName = access.kind === "address" ? hostOf(address) : tls.serverName;
  if (bundle === null) return { address, serverName, serving: null, obstacle: "it has no certificate yet" };
  writeCaFile(bundle);
  return { address, serverName, ...(await probe(secureTransport(address, serverName, bundle))) };
}

/** An IPv6 address without its brackets, as certificates carry it. */
function hostOf(url: string): string {
  return parseUrl(url)?.host ?? new URL(url).hostname;
}

/** The cluster as recorded with its keys, so that a preview need not wait for the unseal to know it. */
async function recordedCluster(target: VaultTarget, keysSecret: string | null): Promise<Pick<VaultReach, "recorded">> {
  if (keysSecret === null) return {};
  const found = await withinProbeTime(
    connectKube(target.kubeContext).then((kube) => readKeys(kube, target.namespace, keysSecret)),
  );
  const clusterId = found?.parsed.kind === "keys" ? found.parsed.record.clusterId : null;
  return clusterId === null ? {} : { recorded: { clusterId } };
}

async function connect({ kubeContext }: VaultTarget): Promise<KubeApi> {
  try {
    return await connectKube(kubeContext);
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

/** A cluster that stops answering meanwhile does not fail a preview: nothing is known about it then. */
async function withinProbeTime<T>(question: Promise<T>): Promise<T | null> {
  const late = setTimeout(probeTimeoutMs, null, { ref: false });
  return Promise.race([question.catch(() => null), late]);
}

async function listen(port: number, target: VaultTarget): Promise<string> {
  const kube = await connect(target);
  try {
    const tunnel = await openTunnel({
      port,
      kube,
      choosePod: leaderChooser(kube, target),
      onFault: (reason) => void pulumi.log.debug(`tunnel to Vault: ${reason}`),
      onStranger: (reason) => void pulumi.log.warn(`tunnel to Vault: ${reason}`),
    });
    closeWhenEngineIsDone(() => tunnel.close());
    return `${target.tls === null ? "http" : "https"}://${tunnel.address}`;
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

async function probe(ask: Ask): Promise<Pick<VaultReach, "serving" | "obstacle">> {
  let status: unknown;
  try {
    status = JSON.parse(await ask("/v1/sys/seal-status"));
  } catch (error) {
    return { serving: null, obstacle: distrust(error) ?? "no Vault answers" };
  }
  if (typeof status !== "object" || status === null) return { serving: null, obstacle: "what answers is not Vault" };
  if (!("initialized" in status && status.initialized === true)) {
    return { serving: null, obstacle: "it is not initialised" };
  }
  if (!("sealed" in status && status.sealed === false)) return { serving: null, obstacle: "it is sealed" };
  const clusterId = "cluster_id" in status && typeof status.cluster_id === "string" ? status.cluster_id : "";
  return { serving: { clusterId }, obstacle: "" };
}

/** Asks one path of Vault's API and returns the body. */
type Ask = (path: string) => Promise<string>;

function plainTransport(address: string): Ask {
  return async (path) => (await fetch(`${address}${path}`, { signal: AbortSignal.timeout(probeTimeoutMs) })).text();
}

function secureTransport(address: string, servername: string, ca: string): Ask {
  return (path) =>
    new Promise((resolve, reject) => {
      // TLS sends no address as a name (RFC 6066); it is verified all the same.
      const named = isAddress(servername) ? {} : { servername };
      const options = verified({ ca, ...named, agent: false, signal: AbortSignal.timeout(probeTimeoutMs) });
      get(`${address}${path}`, options, (response) => {
        text(response).then(resolve, reject);
      }).on("error", reject);
    });
}

/** The reason why a certificate is not trusted; null for every other failure. */
function distrust(error: unknown): string | null {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return null;
  return /^(ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(error.code)
    ? `its certificate is not trusted: ${error.message}`
    : null;
}
