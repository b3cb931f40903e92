import { Duplex } from "node:stream";
import WebSocket, { type ClientOptions, type RawData } from "ws";
import { KubeError, kindOfStatus } from "./kube-error.ts";
import { type KubeApi, statusMessage } from "./kube-client.ts";
import type { ClusterAccess, ConnectionOptions } from "./kubeconfig/kubeconfig.ts";

/** One port of one pod. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  /** When given, a pod of the same name that came later is refused. */
  readonly uid?: string;
  readonly port: number;
}

/** How a stream behaves towards the process that opens it. */
export interface PodStreamOptions {
  /** False lets the process end while the stream is open. @default true */
  readonly keepsProcessAlive?: boolean;
  /** Gives up opening. */
  readonly signal?: AbortSignal;
}

/**
 * Opens one connection to a pod's port through the API server, as `kubectl port-forward` does.
 *
 * One stream is one connection: it is never reused after a failure, and every error on either side ends in the
 * stream's own `error`. The protocol knows no half-close: ending the writable side closes the whole connection.
 *
 * @throws {@link KubeError} when the pod is gone or replaced, or the API server refuses.
 */
export async function openPodStream(kube: KubeApi, target: PodPort, options: PodStreamOptions = {}): Promise<Duplex> {
  if (target.uid !== undefined) {
    const pod = await kube.readPod(target.namespace, target.pod);
    if (pod?.metadata.uid !== target.uid) {
      throw new KubeError("not-found", 404, `pod ${target.namespace}/${target.pod} was replaced`);
    }
  }
  const connection = await kube.access.connectionOptions();
  options.signal?.throwIfAborted();
  const socket = openWebSocket(kube.access, target, connection, options.keepsProcessAlive ?? true);
  const stream = new PodStream(socket, `pod ${target.namespace}/${target.pod} port ${target.port}`);
  await opened(socket, stream, options.signal);
  // Where nothing listens in the pod, the failure may arrive together with the answer.
  if (stream.errored !== null) throw stream.errored;
  return stream;
}

/**
 * How long an API server may take to connect to a pod; without a limit, one that falls silent would be waited for
 * forever.
 */
const openMs = 15_000;

/** Channel bytes of the port-forward protocol when exactly one port is asked for. */
const dataChannel = 0;
const errorChannel = 1;
/** Each channel starts with the port number, which tells nothing new. */
const portPrefixBytes = 2;

function openWebSocket(
  { server }: ClusterAccess,
  target: PodPort,
  connection: ConnectionOptions,
  keepsProcessAlive: boolean,
): WebSocket {
  const base = server.origin.replace(/^http/, "ws") + server.pathname.replace(/\/$/, "");
  const pod = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}`;
  const unheld: NonNullable<ClientOptions["finishRequest"]> = (request) => {
    // The websocket client offers no other way to let the process end.
    request.once("socket", (socket) => socket.unref());
    request.end();
  };
  return new WebSocket(`${base}${pod}/portforward?ports=${target.port}`, ["v4.channel.k8s.io"], {
    ...connection,
    // A header with several values is sent once for each of them, which the client's types do not know.
    headers: connection.headers as Record<string, string>,
    perMessageDeflate: false,
    handshakeTimeout: openMs,
    ...(keepsProcessAlive ? {} : { finishRequest: unheld }),
  });
}

async function opened(socket: WebSocket, stream: PodStream, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      stream.destroy(new KubeError("unreachable", 0, `${stream.label}: gave up opening`));
    };
    stream.once("error", reject);
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("open", () => {
      stream.off("error", reject);
      signal?.removeEventListener("abort", abort);
      resolve();
    });
  });
}

class PodStream extends Duplex {
  readonly label: string;
  readonly #socket: WebSocket;
  readonly #prefixLeft = new Map([
    [dataChannel, portPrefixBytes],
    [errorChannel, portPrefixBytes],
  ]);

  constructor(socket: WebSocket, label: string) {
    super({ allowHalfOpen: false });
    this.label = label;
    this.#socket = socket;
    // A failure before anybody could listen is found by whoever opened the stream; unhandled, it would end the process.
    this.on("error", () => undefined);
    socket.binaryType = "nodebuffer";
    socket.on("message", (data) => {
      this.#receive(data);
    });
    socket.on("error", (error) =>
      this.destroy(new KubeError("unreachable", 0, `${label}: ${error.message}`, { cause: error })),
    );
    socket.on("close", () => {
      this.push(null);
    });
    socket.on("unexpected-response", (request, response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        const reason = statusMessage(Buffer.concat(chunks).toString("utf8"));
        this.destroy(
          new KubeError(kindOfStatus(status), status, `${label}: port-forward refused: ${status} ${reason}`),
        );
        request.destroy();
      });
    });
  }

  #receive(data: RawData): void {
    const frame = data as Buffer;
    const channel = frame[0];
    if (channel === undefined) return;
    const left = this.#prefixLeft.get(channel) ?? 0;
    const skipped = Math.min(left, frame.length - 1);
    this.#prefixLeft.set(channel, left - skipped);
    const content = frame.subarray(1 + skipped);
    if (content.length === 0) return;
    if (channel === errorChannel) {
      const reason = content.toString("utf8").trim().slice(0, 300);
      this.destroy(new KubeError("unreachable", 0, `${this.label}: ${reason}`));
      return;
    }
    if (!this.push(content)) this.#socket.pause();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      callback(new KubeError("unreachable", 0, `${this.label}: connection is closed`));
      return;
    }
    this.#socket.send(Buffer.concat([Buffer.of(dataChannel), chunk]), { binary: true }, (error) => {
      callback(error ?? null);
    });
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.close();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#socket.terminate();
    callback(error);
  }
}
