import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { KubeApi } from "../../cluster/kube-client.ts";
import { openPodStream } from "../../cluster/pod-stream.ts";
import { verified } from "../../shared/verified-tls.ts";
import type { VaultTarget, VaultTlsTarget } from "./types.ts";
import type { VaultTransport } from "./vault-http.ts";

/**
 * Reaches the Vault of one pod, never a Service: a sealed pod is no endpoint of one, and a Service would unseal a
 * random node.
 *
 * @param uid when given, a pod of the same name that came later is refused.
 */
export function podVault(kube: KubeApi, target: VaultTarget, pod: string, uid?: string): VaultTransport {
  return {
    label: `pod ${target.namespace}/${pod}`,
    host: target.tls?.serverName ?? pod,
    connect: async (signal) => {
      const place = { namespace: target.namespace, pod, port: target.port, ...(uid === undefined ? {} : { uid }) };
      const stream = await openPodStream(kube, place, { signal });
      return target.tls === null ? stream : secured(stream, target.tls, signal);
    },
  };
}

/** TLS inside the stream, verified against the real server name: the stream itself has no address to check. */
async function secured(stream: Duplex, tls: VaultTlsTarget, signal: AbortSignal): Promise<Duplex> {
  const socket = tlsConnect(verified({ socket: stream, servername: tls.serverName, ca: tls.caCertificate }));
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy(new Error("gave up the TLS handshake"));
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", reject);
    stream.once("error", reject);
    socket.once("secureConnect", () => {
      socket.off("error", reject);
      signal.removeEventListener("abort", abort);
      resolve(socket);
    });
  });
}
