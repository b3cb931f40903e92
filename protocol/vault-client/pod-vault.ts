import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { KubeApi } from "../../kube/kube-client.ts";
import { openPodStream } from "../../kube/pod-stream.ts";
import { verified } from "../../shared/verified-tls.ts";
import { trustedAuthorities } from "../certificate/trusted-authorities.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import type { VaultTransport } from "./vault-http.ts";

/**
 * Reaches the Vault of one pod, never a Service: a sealed pod is not an endpoint of one, and a Service would unseal a
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
      if (target.tls === null) return openPodStream(kube, place, { signal });
      const ca = await trustedAuthorities(kube, target.namespace, target.tls);
      const stream = await openPodStream(kube, place, { signal });
      return secured(stream, { ca, servername: target.tls.serverName }, signal);
    },
  };
}

/** TLS inside the stream, verified against the real server name: the stream itself has no address to check. */
async function secured(
  stream: Duplex,
  verification: { readonly ca: string; readonly servername: string },
  signal: AbortSignal,
): Promise<Duplex> {
  const socket = tlsConnect(verified({ socket: stream, ...verification }));
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
