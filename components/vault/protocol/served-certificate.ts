import type { Duplex } from "node:stream";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import type { Gateway } from "../../cluster/kube-objects.ts";
import { openPodStream } from "../../cluster/pod-stream.ts";
import type { ProtocolContext } from "./protocol-context.ts";
import type { SerializedProvider, VaultTarget } from "./types.ts";

/** Where a client enters that asks for a host. */
export type Entrance =
  | {
      /** At the address and port that a Gateway says it has. */
      readonly kind: "gateway";
      readonly namespace: string;
      readonly name: string;
      /** Its listener; null: the one that takes TLS for the host. */
      readonly listener: string | null;
    }
  | {
      readonly kind: "address";
      /** `<host or address>:<port>` */
      readonly address: string;
    };

/** Inputs of `vault:ServedCertificate`. */
export interface ServedCertificateInputs extends SerializedProvider {
  readonly target: VaultTarget;
  /** Server name a client asks for. */
  readonly host: string;
  readonly entrance: Entrance;
  readonly protocolVersion: number;
}

/** Outputs of `vault:ServedCertificate`. */
export interface ServedCertificateOutputs extends ServedCertificateInputs {
  /** False once a refresh has seen another certificate than Vault's. */
  readonly passesThrough: boolean;
}

/** A certificate, as far as two of them are told apart and people recognise one. */
export interface ServedCertificate {
  /** SHA-256 of the whole certificate. */
  readonly fingerprint: string;
  readonly issuer: string;
}

/** What a client meets that asks for the host. */
export type Passage =
  | {
      /** Vault's own certificate. */
      readonly kind: "own";
    }
  | {
      /** Another one: TLS ends before it reaches Vault. */
      readonly kind: "foreign";
      readonly served: ServedCertificate;
    }
  | {
      /** Nothing that could be compared. */
      readonly kind: "unclear";
      readonly reason: string;
    };

/** Long enough for a far load balancer, and short enough to be repeated. */
const handshakeMs = 4_000;

/**
 * Compares what a client is served that asks for the host with what Vault's pods serve themselves.
 *
 * The pods are asked over the Kubernetes API, so whoever stands between a client and Vault has no part in it; and it
 * holds for every source of the certificate, and while a renewed one is being loaded.
 */
export async function lookAtPassage(context: ProtocolContext, inputs: ServedCertificateInputs): Promise<Passage> {
  const { host, entrance } = inputs;
  const address = await addressOf(context, entrance, host);
  if (address === null) return { kind: "unclear", reason: `${describeEntrance(entrance)} has no address yet` };
  const [served, own] = await Promise.all([
    certificateAt(address, host).catch((error: unknown) => reasonOf(error)),
    ownCertificates(context, inputs),
  ]);
  if (typeof served === "string") return { kind: "unclear", reason: `no certificate was served: ${served}` };
  if (own.length === 0) return { kind: "unclear", reason: "no pod of Vault could be asked for its own certificate" };
  return judgePassage(served, own);
}

/** Pure. */
export function judgePassage(served: ServedCertificate, own: readonly ServedCertificate[]): Passage {
  const isOwn = own.some(({ fingerprint }) => fingerprint === served.fingerprint);
  return isOwn ? { kind: "own" } : { kind: "foreign", served };
}

/** Where a client enters, for people. */
export function describeEntrance(entrance: Entrance): string {
  return entrance.kind === "address" ? entrance.address : `the Gateway ${entrance.namespace}/${entrance.name}`;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function addressOf(context: ProtocolContext, entrance: Entrance, host: string): Promise<Address | null> {
  if (entrance.kind === "address") return parseAddress(entrance.address);
  const gateway = await context.kube.readGateway(entrance.namespace, entrance.name);
  return gateway === null ? null : gatewayAddress(gateway, entrance.listener, host);
}

/** Pure: the first address of a Gateway and the port of the listener that takes TLS for the host. */
export function gatewayAddress(gateway: Gateway, listener: string | null, host: string): Address | null {
  const [address] = gateway.status?.addresses ?? [];
  const found = gateway.spec.listeners.find(({ name, protocol, hostname }) =>
    listener === null ? protocol === "TLS" && takes(hostname, host) : name === listener,
  );
  return address === undefined || found === undefined ? null : { host: address.value, port: found.port };
}

function takes(hostname: string | undefined, host: string): boolean {
  if (hostname === undefined || hostname === host) return true;
  return hostname.startsWith("*.") && host.endsWith(hostname.slice(1));
}

/** Pure: `<host>:<port>`; an IPv6 address stands in brackets. Null for anything else. */
export function parseAddress(address: string): Address | null {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  const number = Number(port);
  return host === undefined || number < 1 || number > 65_535 ? null : { host, port: number };
}

async function ownCertificates(
  { kube }: ProtocolContext,
  { target, host }: ServedCertificateInputs,
): Promise<ServedCertificate[]> {
  const answers = await Promise.allSettled(
    target.pods.map(async (pod) => {
      const signal = AbortSignal.timeout(handshakeMs);
      const place = { namespace: target.namespace, pod, port: target.port };
      return certificateOf(tlsOver(await openPodStream(kube, place, { signal }), host));
    }),
  );
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
}

function certificateAt({ host: address, port }: Address, host: string): Promise<ServedCertificate> {
  return certificateOf(tlsConnect({ host: address, port, servername: host, rejectUnauthorized: false }));
}

/** Certificates are compared here, not trusted: which authorities a client trusts is not the question. */
function tlsOver(stream: Duplex, host: string): TLSSocket {
  const socket = tlsConnect({ socket: stream, servername: host, rejectUnauthorized: false });
  stream.once("error", (error) => socket.destroy(error));
  return socket;
}

async function certificateOf(socket: TLSSocket): Promise<ServedCertificate> {
  try {
    return await new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => {
        reject(new Error("the connection was closed"));
      });
      socket.setTimeout(handshakeMs, () => {
        reject(new Error(`no answer for ${handshakeMs / 1000} s`));
      });
      socket.once("secureConnect", () => {
        const certificate = socket.getPeerX509Certificate();
        if (certificate === undefined) reject(new Error("none was sent"));
        else resolve({ fingerprint: certificate.fingerprint256, issuer: certificate.issuer.replaceAll("\n", ", ") });
      });
    });
  } finally {
    // What is left of the connection is of no interest, its errors included.
    socket.on("error", () => undefined).destroy();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
