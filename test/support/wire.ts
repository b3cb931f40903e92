import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One request as a fake server received it. */
export interface Received {
  readonly server: "kubernetes" | "vault" | "postgres";
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Behind the question mark; empty when there is none. */
  readonly query: string;
  readonly body: string;
  /** Which run sent it; empty when it did not say. */
  readonly run: string;
  /** Vault token sent along; empty when none. */
  readonly token: string;
}

/** What happens to a request on its way. */
export type WireFault =
  /** The connection ends before the server has read the request. */
  | { readonly kind: "cut-request" }
  /** The server does what was asked and the connection ends before its answer. */
  | {
      readonly kind: "cut-reply";
      /** What happens between the two. */
      readonly then?: () => void;
    }
  /** The server does nothing but answer so. */
  | { readonly kind: "answer"; readonly status: number; readonly body: object }
  /** The server waits so long first. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** The server never answers. */
  | { readonly kind: "hang" };

/** Decides the fate of each request; null lets it pass. */
export type Wire = (request: Received) => WireFault | null;

/** An answer of a fake server. */
export interface Reply {
  readonly status: number;
  readonly body?: object;
  /** Instead of a body: plain text. */
  readonly text?: string;
}

/** A server over a real socket whose requests pass a wire. */
export class WireServer {
  readonly http: Server;
  readonly log: Received[] = [];
  wire: Wire = () => null;
  /** Tells which run a request belongs to. */
  runOf: (request: IncomingMessage) => string = (request) => String(request.headers["x-run"] ?? "");
  readonly #kind: Received["server"];
  readonly #answer: (request: Received) => Promise<Reply> | Reply;
  readonly #sockets = new Set<Socket>();

  constructor(kind: Received["server"], answer: (request: Received) => Promise<Reply> | Reply) {
    this.#kind = kind;
    this.#answer = answer;
    this.http = createServer((request, response) => {
      void this.#serve(request, response);
    });
    this.http.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    });
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.http.listen(0, "127.0.0.1", resolve));
    this.http.unref();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.http.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const token = request.headers["x-vault-token"];
    const received: Received = {
      server: this.#kind,
      method: request.method ?? "",
      path: (request.url ?? "").split("?")[0] ?? "",
      query: (request.url ?? "").split("?")[1] ?? "",
      body: Buffer.concat(chunks).toString("utf8"),
      run: this.runOf(request),
      token: typeof token === "string" ? token : "",
    };
    const fault = this.wire(received);
    this.log.push(received);
    switch (fault?.kind) {
      case "cut-request":
        request.socket.destroy();
        return;
      case "hang":
        return;
      case "answer":
        send(response, fault);
        return;
      case "delay":
        await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
        break;
      case "cut-reply":
      case undefined:
        break;
    }
    const reply = await this.#answer(received);
    if (fault?.kind === "cut-reply") {
      fault.then?.();
      request.socket.destroy();
    } else {
      send(response, reply);
    }
  }
}

function send(response: ServerResponse, reply: Reply): void {
  const text = reply.text ?? (reply.body === undefined ? "" : JSON.stringify(reply.body));
  response.writeHead(reply.status, { "Content-Type": "application/json" }).end(text);
}
