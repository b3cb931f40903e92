import { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import { openPodStream } from "../../kube/pod-stream.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

/** As much of a certificate as it takes to tell two apart, and for people to recognise one. */
export interface ServedCertificate {
  /** SHA-256 of the whole certificate. */
  readonly fingerprint: string;
  readonly issuer: string;
}

/** Where a connection goes. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Long enough for a distant load balancer, and short enough to be repeated. */
const handshakeMs = 4_000;

/** Fingerprint of the certificate that the pods are given; null for none. */
export async function givenFingerprint(
  { kube }: Pick<ProtocolContext, "kube">,
  namespace: string,
  name: string,
): Promise<string | null> {
  const secret = await kube.readSecret(namespace, name);
  const pem = secret?.data?.["tls.crt"];
  return pem === undefined ? null : new X509Certificate(Buffer.from(pem, "base64")).fingerprint256;
}

/** What each pod serves itself, asked over the Kubernetes API; null for one that does not answer. */
export async function podCertificates(
  { kube }: Pick<ProtocolContext, "kube">,
  target: VaultTarget,
  host: string,
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

/** What is served at an address to a client that asks for the host. */
export function certificateAt({ host: address, port }: Address, host: string): Promise<ServedCertificate> {
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
