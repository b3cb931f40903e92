import { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import type { Gateway } from "../../cluster/kube-objects.ts";
import { openPodStream } from "../../cluster/pod-stream.ts";
import type { ProtocolContext } from "./protocol-context.ts";
import type { SerializedProvider, VaultTarget } from "./types.ts";

/** Where somebody asks for a certificate. */
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
    }
  | {
      /** At each of the pods, which must serve what their Secret holds. */
      readonly kind: "pods";
      /** Name of the Secret, in their namespace. */
      readonly secret: string;
      /** SHA-256 of the certificate that this run puts there; null where others do. */
      readonly fingerprint: string | null;
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
  /** False once a refresh has seen another certificate than the one that must be served. */
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
      /** The certificate that must be served. */
      readonly kind: "own";
    }
  | {
      /** Another one: TLS ends before it reaches Vault, or Vault has not read the new one yet. */
      readonly kind: "foreign";
      readonly reason: string;
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
  if (entrance.kind === "pods") return lookAtPods(context, inputs, entrance.secret);
  const address = await addressOf(context, entrance, host);
  if (address === null) return { kind: "unclear", reason: `${describeEntrance(entrance)} has no address yet` };
  const [served, own] = await Promise.all([
    certificateAt(address, host).catch((error: unknown) => reasonOf(error)),
    ownCertificates(context, inputs),
  ]);
  if (typeof served === "string") return { kind: "unclear", reason: `no certificate was served: ${served}` };
  const known = own.filter((certificate) => certificate !== null);
  if (known.length === 0) return { kind: "unclear", reason: "no pod of Vault could be asked for its own certificate" };
  return judgePassage(served, known);
}

/** Pure. */
export function judgePassage(served: ServedCertificate, own: readonly ServedCertificate[]): Passage {
  const isOwn = own.some(({ fingerprint }) => fingerprint === served.fingerprint);
  return isOwn ? { kind: "own" } : { kind: "foreign", reason: `TLS ends before Vault: ${describe(served)} is served` };
}

function describe({ fingerprint, issuer }: ServedCertificate): string {
  return `the certificate ${fingerprint}, issued by ${issuer},`;
}

/** What the pods serve themselves, beside what they were given. */
async function lookAtPods(context: ProtocolContext, inputs: ServedCertificateInputs, name: string): Promise<Passage> {
  const [given, answers] = await Promise.all([
    givenFingerprint(context, inputs.target.namespace, name),
    ownCertificates(context, inputs),
  ]);
  if (given === null) return { kind: "unclear", reason: `the Secret ${name} holds no certificate` };
  return judgePods(given, inputs.target.pods, answers);
}

/** Pure: what a pod serves comes before a pod that says nothing. */
export function judgePods(
  given: string,
  pods: readonly string[],
  answers: readonly (ServedCertificate | null)[],
): Passage {
  const stale = answers.findIndex((answer) => answer !== null && answer.fingerprint !== given);
  const served = answers[stale];
  if (served)
    return { kind: "foreign", reason: `pod ${pods[stale] ?? ""} still serves ${describe(served)} not ${given}` };
  const silent = pods.filter((_, index) => answers[index] == null);
  return silent.length === 0
    ? { kind: "own" }
    : { kind: "unclear", reason: `${silent.join(", ")} could not be asked for its certificate` };
}

/** The certificate that the pods are given; null for none. */
export async function givenFingerprint(
  { kube }: Pick<ProtocolContext, "kube">,
  namespace: string,
  name: string,
): Promise<string | null> {
  const secret = await kube.readSecret(namespace, name);
  const pem = secret?.data?.["tls.crt"];
  return pem === undefined ? null : new X509Certificate(Buffer.from(pem, "base64")).fingerprint256;
}

/** Where a client enters, for people. */
export function describeEntrance(entrance: Entrance): string {
  switch (entrance.kind) {
    case "address":
      return entrance.address;
    case "gateway":
      return `the Gateway ${entrance.namespace}/${entrance.name}`;
    case "pods":
      return `the pods, of the Secret ${entrance.secret}`;
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function addressOf(
  context: ProtocolContext,
  entrance: Exclude<Entrance, { kind: "pods" }>,
  host: string,
): Promise<Address | null> {
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

/** In the order of the pods; null for one that does not answer. */
async function ownCertificates(
  { kube }: ProtocolContext,
  { target, host }: ServedCertificateInputs,
): Promise<(ServedCertificate | null)[]> {
  const answers = await Promise.allSettled(
    target.pods.map(async (pod) => {
      const signal = AbortSignal.timeout(handshakeMs);
      const place = { namespace: target.namespace, pod, port: target.port };
      return certificateOf(tlsOver(await openPodStream(kube, place, { signal }), host));
    }),
  );
  return answers.map((answer) => (answer.status === "fulfilled" ? answer.value : null));
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
