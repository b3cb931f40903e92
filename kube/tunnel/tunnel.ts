import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream";
import type { KubeApi } from "../kube-client.ts";
import { loopbackPeer, type LoopbackPorts, type Peer } from "./loopback-peer.ts";
import { openPodStream, type PodPort } from "../pod-stream.ts";

/** What a tunnel needs to know. */
export interface TunnelArgs {
  /** Loopback port to listen on. */
  readonly port: number;
  /** Where a connection goes; asked for each one, because the leading pod changes. Null when none fits now. */
  readonly choosePod: () => Promise<PodPort | null>;
  /** API of the cluster the pods live in. */
  readonly kube: KubeApi;
  /** Config key named when the port is taken. @default "vaultstack:access.port" */
  readonly portConfigKey?: string;
  /** Told why a connection could not be carried; such a connection is closed at once. */
  readonly onFault?: (reason: string) => void;
  /** Told once for each reason why somebody is not served, or why nobody can be told apart. */
  readonly onStranger?: (reason: string) => void;
  /** How many connections are carried at a time; each is a port-forward. @default 256 */
  readonly limit?: number;
  /** Who is at the other end of a connection. @default - what the kernel says */
  readonly peerOf?: (ports: LoopbackPorts) => Promise<Peer>;
}

/** More than the engine's plugins ever open, and few enough for an API server. */
const defaultLimit = 256;

/** A listening tunnel. */
export interface Tunnel {
  /** Host and port a client connects to. */
  readonly address: string;
  /** Stops listening and cuts what is still open. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 and carries each connection of the user who runs this program to a pod over the API server's
 * port-forward. The engine and its plugins run as the same user; nobody else is served, not even root, who has other
 * ways.
 *
 * On a system that does not say who connects, which is all but Linux, every user of the machine is served, and
 * `onStranger` is told so.
 *
 * Nothing here keeps the process alive: neither the listener, nor the connections, nor the streams to the pods.
 * A provider's idle keep-alive connection would otherwise hold the program for minutes after its work is done.
 *
 * @throws when the port is taken, naming the setting that changes it.
 */
export async function openTunnel(args: TunnelArgs): Promise<Tunnel> {
  const open = new Set<Socket | Duplex>();
  const guard = doorkeeper(args);
  const track = (stream: Socket | Duplex): void => {
    open.add(stream);
    stream.once("close", () => open.delete(stream));
  };
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    client.unref();
    client.on("error", () => client.destroy());
    track(client);
    guard(client, () => carry(args, client, track)).catch((error: unknown) => {
      client.destroy();
      args.onFault?.(error instanceof Error ? error.message : "unknown fault");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(listenFault(error, args));
    });
    server.listen({ host: "127.0.0.1", port: args.port, exclusive: true }, resolve);
  });
  server.unref();
  server.on("error", (error) => args.onFault?.(error.message));
  return {
    address: `127.0.0.1:${args.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const stream of open) stream.destroy();
      }),
  };
}

/** Lets in only the user who runs this program, and only so many connections at a time. Before that nothing is read. */
function doorkeeper(args: TunnelArgs): (client: Socket, serve: () => Promise<void>) => Promise<void> {
  const { limit = defaultLimit, peerOf = loopbackPeer, port } = args;
  const own = process.geteuid?.();
  const told = new Set<string>();
  const tell = (reason: string): void => {
    if (told.has(reason)) return;
    told.add(reason);
    args.onStranger?.(reason);
  };
  let carried = 0;
  return async (client, serve) => {
    const peer = await peerOf({ peer: client.remotePort ?? 0, own: port });
    if (peer.kind === "unknown") {
      tell(`this system does not say who connects to port ${port}: every user of the machine is served`);
    }
    if (peer.kind === "user" && peer.uid !== own) {
      tell(
        `refused a connection to port ${port} of the user with id ${peer.uid}: it serves ${own ?? "whoever runs this"} alone`,
      );
    }
    if (client.destroyed) return;
    if (peer.kind === "gone" || (peer.kind === "user" && peer.uid !== own)) {
      client.destroy();
      return;
    }
    if (carried >= limit) {
      tell(`refused a connection to port ${port}: ${limit} are carried already`);
      client.destroy();
      return;
    }
    carried++;
    client.once("close", () => carried--);
    await serve();
  };
}

async function carry(args: TunnelArgs, client: Socket, track: (stream: Duplex) => void): Promise<void> {
  const target = await args.choosePod();
  if (target === null) throw new Error("no pod fits this connection now");
  const pod = await openPodStream(args.kube, target, { keepsProcessAlive: false });
  track(pod);
  if (client.destroyed) {
    pod.destroy();
    return;
  }
  const ended = (error: NodeJS.ErrnoException | null): void => {
    if (error !== null && error.code !== "ERR_STREAM_PREMATURE_CLOSE") args.onFault?.(error.message);
  };
  pipeline(client, pod, client, ended);
  client.resume();
}

function listenFault(error: NodeJS.ErrnoException, args: TunnelArgs): Error {
  const key = args.portConfigKey ?? "vaultstack:access.port";
  if (error.code === "EADDRINUSE") {
    return new Error(
      `${key}: must be a free port of this machine, got ${args.port}, which another process listens on; ` +
        `end the other run of this stack or choose another port with \`pulumi config set --path ${key} <port>\``,
    );
  }
  return new Error(`${key}: cannot listen on 127.0.0.1:${args.port}: ${error.message}`, { cause: error });
}
