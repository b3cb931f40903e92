import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import { connect as netConnect, isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions as TlsOptions, connect as tlsConnect } from "node:tls";
import { connectThrough } from "./proxy-connection.ts";

/** How Node's HTTP clients want connections made: returned at once, or told later. */
export type Connector = (options: object, done?: (error: Error | null, stream: Duplex) => void) => Socket | undefined;

/** What such a client knows of a request. */
type RequestOptions = AgentOptions & TlsOptions & { readonly host: string; readonly port: number | string };

/**
 * Makes connections to an API server: through its proxy where there is one, and with TLS where the server has it. TLS is with
 * the server, so a proxy sees who is asked and nothing else.
 * @param server Base URL of the API server.
 * @param proxy The proxy.
 * @param keepsProcessAlive False lets the process end while a connection is open.
 * @returns What Node's clients take as `createConnection`.
 */
export function connector(server: URL, proxy: URL | undefined, keepsProcessAlive = true): Connector {
  const secure = server.protocol === "https:";
  const over = (options: RequestOptions, socket?: Socket): Socket => {
    const { host, port } = options;
    if (!secure) return socket ?? netConnect(Number(port), host);
    // An address is no name to be sent in the handshake.
    const servername = options.servername || (isIP(host) === 0 ? host : "");
    // The options carry the path of the request, which a connection would take for that of a local socket.
    return tlsConnect({ ...options, port: Number(port), path: undefined, servername, ...(socket && { socket }) });
  };
  const unheld = (socket: Socket): Socket => (keepsProcessAlive ? socket : socket.unref());
  return (given, done) => {
    const options = given as RequestOptions;
    if (proxy === undefined) return unheld(over(options));
    const host = options.host.replace(/^\[(.*)\]$/, "$1");
    connectThrough(proxy, { host, port: Number(options.port) }, options).then(
      (socket) => done?.(null, unheld(over({ ...options, host }, unheld(socket)))),
      // Nobody looks at the other one then.
      (error: unknown) => done?.(error instanceof Error ? error : new Error("unknown fault"), new Socket()),
    );
    return undefined;
  };
}

/**
 * What keeps connections through a proxy for the next request.
 * @param server Base URL of the API server.
 * @param proxy The proxy.
 * @returns An agent for Node's clients; its idle connections do not keep a process alive.
 */
export function proxyAgent(server: URL, proxy: URL): HttpAgent {
  const agent = server.protocol === "https:" ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  agent.createConnection = connector(server, proxy);
  return agent;
}
