import { get } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { connectKube, type KubeApi } from "../cluster/kube-client.ts";
import { closeWhenEngineIsDone } from "../cluster/program-lifetime.ts";
import { openTunnel } from "../cluster/tunnel.ts";
import { fault } from "../shared/errors.ts";
import { verified } from "../shared/verified-tls.ts";
import { writeCaFile } from "./ca-file.ts";
import { leaderChooser } from "./leader-chooser.ts";
import { certificateName } from "./certificate-source.ts";
import type { VaultTarget } from "./protocol/types.ts";
import { publishedAuthorities } from "./published-authorities.ts";
import { certificateFiles } from "./server-config.ts";

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
  /** Name that the certificate behind the address is verified against; null when Vault speaks plain HTTP. */
  readonly serverName: string | null;
  /** Set when Vault serves: its identity. Null when it does not, or is not there. */
  readonly serving: { readonly clusterId: string } | null;
  /** Why it does not serve, for people. */
  readonly obstacle: string;
}

/**
 * Whether this is a preview of a Vault that cannot be asked: what depends on its objects is not known then.
 * @param reach The way to Vault.
 * @returns True when nothing can be said of what lives inside it.
 */
export function isOutOfSight(reach: VaultReach): boolean {
  return reach.serving === null && pulumi.runtime.isDryRun();
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
 * @param authoritySecret With TLS, the Secret in their namespace with the trusted authorities.
 * @returns The address to use and what was found behind it.
 * @throws {pulumi.RunError} When the tunnel cannot be opened: no such context, or the port is taken. And for an address without
 *   TLS of a Vault with TLS.
 */
export async function reachVault(
  access: VaultAccess,
  target: VaultTarget,
  authoritySecret: string = certificateName,
): Promise<VaultReach> {
  const reached: Reached = { target, authoritySecret };
  if (target.tls !== null && access.kind === "address" && !isSecure(access.url)) throw plainFault(access.url);
  if (target.tls === null) {
    const address = access.kind === "address" ? access.url : await listen(access.port, reached);
    return { address, serverName: null, ...(await probe(plainTransport(address))) };
  }
  const kube = await connect(target);
  const bundle = await storedAuthorities(kube, reached);
  const address = access.kind === "address" ? access.url : await listen(access.port, reached);
  const serverName = access.kind === "address" ? new URL(address).hostname : target.tls.serverName;
  if (bundle === null) return { address, serverName, serving: null, obstacle: "it has no certificate yet" };
  writeCaFile(bundle);
  return { address, serverName, ...(await probe(secureTransport(address, serverName, bundle))) };
}

function isSecure(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === "https:";
}

/** The Vault plugin would send Pulumi's login there in plain text, whatever this program does itself. */
function plainFault(url: string): pulumi.RunError {
  const must = "must be an https:// address, because this Vault speaks TLS";
  return new pulumi.RunError(fault("vaultstack:access.url", must, url, "write https://, or use the tunnel"));
}

/** What the functions below share. */
interface Reached {
  readonly target: VaultTarget;
  readonly authoritySecret: string;
}

async function connect({ kubeContext }: VaultTarget): Promise<KubeApi> {
  try {
    return await connectKube(kubeContext);
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

/** What is trusted now. A run that changes it goes on with what it changes it to. */
async function storedAuthorities(kube: KubeApi, { target, authoritySecret }: Reached): Promise<string | null> {
  const secret = await withinProbeTime(kube.readSecret(target.namespace, authoritySecret));
  const encoded = secret?.data?.[certificateFiles.authority];
  if (encoded !== undefined) return Buffer.from(encoded, "base64").toString();
  return withinProbeTime(publishedAuthorities(kube, target.namespace));
}

/** A cluster out of reach is no failed preview: nothing is known of it then. */
async function withinProbeTime<T>(question: Promise<T>): Promise<T | null> {
  const late = setTimeout(probeTimeoutMs, null, { ref: false });
  return Promise.race([question.catch(() => null), late]);
}

async function listen(port: number, reached: Reached): Promise<string> {
  const { target } = reached;
  const kube = await connect(target);
  try {
    const tunnel = await openTunnel({
      port,
      kube,
      choosePod: leaderChooser(kube, target, () => storedAuthorities(kube, reached)),
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
  if (!("initialized" in status && status.initialized === true))
    return { serving: null, obstacle: "it is not initialised" };
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
      const options = verified({ ca, servername, agent: false, signal: AbortSignal.timeout(probeTimeoutMs) });
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
