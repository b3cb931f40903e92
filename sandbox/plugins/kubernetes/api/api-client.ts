import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "../../shared/property.ts";
import { ApiError, UnreachableError } from "./api-error.ts";
import type { Connection } from "./connection.ts";

/** A request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path from the server's root. */
  readonly path: string;
  /** @default - none */
  readonly query?: Readonly<Record<string, string>>;
  /** @default - no body */
  readonly body?: Json;
  /** @default "application/json" */
  readonly contentType?: string;
  /** Ends the request. @default - nothing does but its own deadline */
  readonly signal?: AbortSignal;
}

/** Plain HTTPS to one API server over connections that stay open. */
export class ApiClient {
  readonly #connection: Connection;
  readonly #agent: http.Agent;

  constructor(connection: Connection) {
    this.#connection = connection;
    const options = { keepAlive: true, maxSockets: 32 };
    this.#agent = connection.server.startsWith("http:")
      ? new http.Agent(options)
      : new https.Agent({ ...options, ...tlsOptions(connection) });
  }

  /** Namespace of namespaced objects that name none. */
  get namespace(): string {
    return this.#connection.namespace;
  }

  /**
   * The answer to a request.
   * @throws ApiError when the server refuses
   * @throws UnreachableError when there is no answer
   */
  async request(request: ApiRequest): Promise<Json> {
    for (let attempt = 1; ; attempt += 1) {
      const { code, body, reset } = await this.#send(request);
      // A server closes idle connections whenever it likes; a request that meets such a one was never processed.
      if (reset && attempt <= staleAttempts) continue;
      if (code < 300) return body ?? null;
      const error = new ApiError(code, body);
      if (error.retryAfterSeconds === undefined || attempt > overloadAttempts) throw error;
      await delay(
        error.retryAfterSeconds * 1000,
        undefined,
        request.signal === undefined ? {} : { signal: request.signal },
      );
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  #send({ method, path, query, body, contentType, signal }: ApiRequest): Promise<Answer> {
    const url = new URL(this.#connection.server + path);
    for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const token = this.#connection.token?.();
    const headers: http.OutgoingHttpHeaders = {
      accept: "application/json",
      ...(payload === undefined
        ? {}
        : { "content-type": contentType ?? "application/json", "content-length": Buffer.byteLength(payload) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const options: https.RequestOptions = {
      method,
      headers,
      agent: this.#agent,
      timeout: answerDeadline,
      ...(signal === undefined ? {} : { signal }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = (url.protocol === "http:" ? http : https).request(url, options, (response) => {
        collect(response).then((text) => {
          resolve({ code: response.statusCode ?? 0, body: parsed(text), reset: false });
        }, reject);
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${answerDeadline / 1000} s`)));
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        if (signal?.aborted === true) reject(error);
        else if (outgoing.reusedSocket && error.code === "ECONNRESET")
          resolve({ code: 0, body: undefined, reset: true });
        else reject(new UnreachableError(`${this.#connection.server} cannot be reached: ${reasonOf(error)}`));
      });
      outgoing.end(payload);
    });
  }
}

interface Answer {
  readonly code: number;
  readonly body: Json | undefined;
  readonly reset: boolean;
}

/** Admission webhooks may take up to 30 s each. */
const answerDeadline = 90_000;
const staleAttempts = 5;
const overloadAttempts = 10;

function tlsOptions(connection: Connection): https.AgentOptions {
  const { certificateAuthority, clientCertificate, clientKey, serverName, insecure } = connection;
  return {
    rejectUnauthorized: !insecure,
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

async function collect(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): Json | undefined {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { message: text.slice(0, 500) };
  }
}

/** Failing to connect over IPv4 and IPv6 throws an aggregate without a text of its own. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((inner) => reasonOf(inner as Error)).join("; ");
  return error.message;
}
