import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Wire, WireFault } from "./wire.ts";

/** The code that Postgres gives for what HTTP says by a status. */
const codes: Readonly<Record<number, string>> = { 403: "42501", 429: "53300", 500: "XX000" };

/** Stands between a run and a Postgres server: each connection and each statement passes a wire. */
export class PostgresRelay {
  wire: Wire = () => null;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  readonly #vanished = new Set<Socket>();

  private constructor(port: number) {
    this.#server = createServer((client) => {
      this.#relay(client, connect(port, "127.0.0.1"));
    });
  }

  static async start(port: number): Promise<PostgresRelay> {
    const relay = new PostgresRelay(port);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends all connections of clients, as with their machine: the server does not learn of it. */
  vanish(): void {
    for (const socket of this.#clients) {
      this.#vanished.add(socket);
      socket.destroy();
    }
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #relay(client: Socket, server: Socket): void {
    this.#clients.add(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        if (!this.#vanished.has(socket)) other.destroy();
      });
    }
    // What came since the last statement.
    let asked = Buffer.alloc(0);
    let isStarted = false;
    let isSilent = false;
    let lost: Extract<WireFault, { kind: "cut-reply" }> | null = null;
    const pass = (statement: string, isStart: boolean): void => {
      const [method, path] = isStart ? ["CONNECT", "the server"] : ["QUERY", withoutNames(statement)];
      const fault = this.wire({ server: "postgres", method, path, query: "", body: path, run: "", token: "" });
      const request = asked;
      asked = Buffer.alloc(0);
      switch (fault?.kind) {
        case "cut-request":
          client.destroy();
          return;
        case "hang":
          isSilent = true;
          return;
        case "answer":
          client.write(refusal(codes[fault.status] ?? "XX000"));
          if (isStart) client.end();
          else client.write(readyForQuery);
          return;
        case "cut-reply":
          lost = fault;
          break;
        case "delay":
        case undefined:
          break;
      }
      server.write(request);
    };
    let held = Buffer.alloc(0);
    let statement = "";
    client.on("data", (data: Buffer) => {
      held = Buffer.concat([held, data]);
      for (;;) {
        const message = next(held, isStarted ? 1 : 0);
        if (message === null || isSilent) return;
        held = held.subarray(message.length);
        asked = Buffer.concat([asked, message]);
        const type = isStarted ? String.fromCharCode(message[0] ?? 0) : "start";
        if (type === "Q") statement = textOf(message, 5);
        if (type === "P") statement = textOf(message, 6 + textOf(message, 5).length);
        if (type === "Q" || type === "S" || !isStarted) {
          pass(statement, !isStarted);
          isStarted = true;
        } else if (type === "p" || type === "X") {
          server.write(asked);
          asked = Buffer.alloc(0);
        }
      }
    });
    let unread = Buffer.alloc(0);
    server.on("data", (data: Buffer) => {
      unread = Buffer.concat([unread, data]);
      for (let message = next(unread, 1); message !== null; message = next(unread, 1)) {
        unread = unread.subarray(message.length);
        const isReady = message[0] === readyForQuery[0];
        if (lost !== null && isReady) {
          lost.then?.();
          client.destroy();
          return;
        }
        // Of an answer that gets lost, only what a login needs arrives.
        if (lost === null || message[0] === authentication) client.write(message);
      }
    });
  }
}

/** Of a statement, so much stands in the name of a request. */
const longest = 100;

/** Names and passwords differ from run to run. */
function withoutNames(statement: string): string {
  return statement
    .replace(/"[^"]*"|'[^']*'/g, "…")
    .replace(/\s+/g, " ")
    .slice(0, longest);
}

const authentication = "R".charCodeAt(0);
const readyForQuery = Buffer.from("Z\0\0\0\x05I", "latin1");

/** The first message that is complete; behind so many bytes stands its length, which counts itself. */
function next(data: Buffer, offset: number): Buffer<ArrayBuffer> | null {
  if (data.length < offset + 4) return null;
  const length = offset + data.readInt32BE(offset);
  return data.length < length ? null : Buffer.from(data.subarray(0, length));
}

function textOf(message: Buffer, from: number): string {
  return message.toString("utf8", from, message.indexOf(0, from));
}

function refusal(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mrefused by a test\0\0`, "latin1");
  const head = Buffer.from("E\0\0\0\0", "latin1");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
