import type { Gateway } from "../../kube/kube-objects.ts";
import { parseUrl } from "../../shared/host.ts";
import {
  type Address,
  certificateAt,
  givenFingerprint,
  podCertificates,
  type ServedCertificate,
} from "./asked-certificate.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

/** Where a client asks for the certificate. */
export type Entrance =
  | {
      /** At the address and port that a Gateway reports. */
      readonly kind: "gateway";
      readonly namespace: string;
      readonly name: string;
      /** Its listener; null for the one that takes TLS for the host. */
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
  /** False once a refresh has seen a certificate other than the one that must be served. */
  readonly passesThrough: boolean;
}

/** What a client that asks for the host is served. */
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

/**
 * Compares what a client that asks for the host is served with what Vault's pods serve themselves.
 *
 * The pods are asked over the Kubernetes API, so nothing that stands between a client and Vault has a part in it. The
 * comparison works for every source of the certificate, and while a renewed one is being loaded.
 */
export async function lookAtPassage(context: ProtocolContext, inputs: ServedCertificateInputs): Promise<Passage> {
  const { host, entrance } = inputs;
  if (entrance.kind === "pods") return lookAtPods(context, inputs, entrance.secret);
  const address = await addressOf(context, entrance, host);
  if (address === null) return { kind: "unclear", reason: `${describeEntrance(entrance)} has no address yet` };
  const [served, own] = await Promise.all([
    certificateAt(address, host).catch((error: unknown) => reasonOf(error)),
    podCertificates(context, inputs.target, host),
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

/** Compares what the pods serve themselves with what they were given. */
async function lookAtPods(context: ProtocolContext, inputs: ServedCertificateInputs, name: string): Promise<Passage> {
  const [given, answers] = await Promise.all([
    givenFingerprint(context, inputs.target.namespace, name),
    podCertificates(context, inputs.target, inputs.host),
  ]);
  if (given === null) return { kind: "unclear", reason: `the Secret ${name} holds no certificate` };
  return judgePods(given, inputs.target.pods, answers);
}

/** Pure: a pod that serves another certificate counts before one that does not answer. */
export function judgePods(
  given: string,
  pods: readonly string[],
  answers: readonly (ServedCertificate | null)[],
): Passage {
  const stale = answers.findIndex((answer) => answer !== null && answer.fingerprint !== given);
  const served = answers[stale];
  if (served) {
    return { kind: "foreign", reason: `pod ${pods[stale] ?? ""} still serves ${describe(served)} not ${given}` };
  }
  const silent = pods.filter((_, index) => answers[index] == null);
  return silent.length === 0
    ? { kind: "own" }
    : { kind: "unclear", reason: `${silent.join(", ")} could not be asked for its certificate` };
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
  const parts = parseUrl(`tls://${address}`);
  if (parts?.port === undefined || parts.path !== "" || parts.query !== "") return null;
  return { host: parts.host, port: parts.port };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
