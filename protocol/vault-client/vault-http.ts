import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { VaultRefusal, VaultNoAnswer, withoutSecrets } from "./vault-error.ts";

/** Opens one fresh connection to one Vault node. */
export interface VaultTransport {
  /** Which node, in the words of an error. */
  readonly label: string;
  /** Name the node is asked by. */
  readonly host: string;
  connect(signal: AbortSignal): Promise<Duplex>;
}

/** One request with its fields named; nothing is sent that is not listed here. */
export interface VaultRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/v1/`, with its query. */
  readonly path: string;
  readonly token?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Ends the exchange, whatever it is waiting for. */
  readonly signal: AbortSignal;
  /** Statuses that are an answer and not a refusal, besides 2xx. */
  readonly answers?: readonly number[];
}

/** Status and parsed body. */
export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Sends one request over its own connection, exactly once: repeating it is up to the caller, who knows what the request
 * does.
 *
 * @throws {@link VaultRefusal} for a status that is not an answer, {@link VaultNoAnswer} when there is none.
 */
export async function exchange(transport: VaultTransport, request: VaultRequest): Promise<VaultAnswer> {
  const where = `${transport.label}: ${request.method} ${request.path}`;
  const text = request.body === undefined ? undefined : JSON.stringify(request.body);
  let connection: Duplex;
  try {
    connection = await transport.connect(request.signal);
  } catch (error) {
    throw new VaultNoAnswer(where, false, reasonOf(error, request.signal), { cause: error });
  }
  let response: { status: number; text: string };
  try {
    response = await send(transport, request, connection, text);
  } catch (error) {
    throw new VaultNoAnswer(where, true, reasonOf(error, request.signal), { cause: error });
  } finally {
    connection.destroy();
  }
  return answer(where, request, response);
}

const maxAnswerBytes = 4 * 1024 * 1024;

async function send(
  transport: VaultTransport,
  request: VaultRequest,
  connection: Duplex,
  text: string | undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        // Node types a connection as a socket; its HTTP client works over any duplex stream.
        createConnection: () => connection,
        host: transport.host,
        method: request.method,
        path: `/v1/${request.path}`,
        signal: request.signal,
        headers: {
          "X-Vault-Request": "true",
          ...(request.token === undefined ? {} : { "X-Vault-Token": request.token }),
          ...(text === undefined
            ? {}
            : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }),
        },
      },
      (response) => {
        collect(response).then((content) => {
          resolve({ status: response.statusCode ?? 0, text: content });
        }, reject);
      },
    );
    outgoing.on("error", reject);
    connection.on("error", reject);
    connection.on("close", () => {
      reject(new Error("connection closed before the answer"));
    });
    outgoing.end(text);
  });
}

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new Error("answer is larger than 4 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(where: string, request: VaultRequest, response: { status: number; text: string }): VaultAnswer {
  const succeeded = response.status >= 200 && response.status < 300;
  let body: unknown = null;
  if (response.text !== "") {
    try {
      body = JSON.parse(response.text);
    } catch (error) {
      if (succeeded) {
        // Whether the request took effect is unknown: half an answer is no answer.
        throw new VaultNoAnswer(where, true, "the answer is not JSON", { cause: error });
      }
    }
  }
  if (!succeeded && !(request.answers ?? []).includes(response.status)) {
    const secrets = [...stringsIn(request.body), ...(request.token === undefined ? [] : [request.token])];
    throw new VaultRefusal(
      where,
      response.status,
      errorsIn(body).map((error) => withoutSecrets(error, secrets)),
    );
  }
  return { status: response.status, body };
}

function errorsIn(body: unknown): string[] {
  if (typeof body === "object" && body !== null && "errors" in body && Array.isArray(body.errors)) {
    return body.errors.filter((error): error is string => typeof error === "string");
  }
  return [];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "time is up";
  return error instanceof Error ? error.message : "unknown fault";
}
