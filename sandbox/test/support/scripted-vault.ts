import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";

/** A request as it arrived, path below `/v1/`. */
export interface ArrivedRequest {
  readonly line: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
}

/** What to answer: a status with a body, or nothing but a cut connection. */
export type ScriptedAnswer = { readonly status: number; readonly body?: unknown } | "cut";

/** An HTTP server that answers as a script says and keeps what it was asked. It has no idea of what Vault would do. */
export class ScriptedVault {
  readonly requests: ArrivedRequest[] = [];
  /** The answer to a request line that is not in the script. */
  otherwise: ScriptedAnswer = { status: 404, body: { errors: [] } };
  readonly #answers = new Map<string, ScriptedAnswer[]>();
  readonly #server: http.Server;

  private constructor(tls?: https.ServerOptions) {
    const listener = this.#answer.bind(this);
    this.#server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  }

  static async start(tls?: https.ServerOptions): Promise<ScriptedVault> {
    const vault = new ScriptedVault(tls);
    await new Promise<void>((resolve) => vault.#server.listen(0, "127.0.0.1", resolve));
    vault.on("GET auth/token/lookup-self", { status: 200, body: { data: {} } });
    return vault;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers a request line in the order given; the last answer stays. */
  on(line: string, ...answers: ScriptedAnswer[]): this {
    this.#answers.set(line, answers);
    return this;
  }

  /** The requests of one line. */
  of(line: string): ArrivedRequest[] {
    return this.requests.filter((request) => request.line === line);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const line = `${request.method ?? ""} ${(request.url ?? "").replace("/v1/", "")}`;
      const token = request.headers["x-vault-token"];
      const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
      this.requests.push({ line, body, token: typeof token === "string" ? token : undefined });
      const answers = this.#answers.get(line) ?? [this.otherwise];
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? "cut";
      if (answer === "cut") {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status).end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    });
  }
}
