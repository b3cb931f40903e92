import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { errorText } from "../shared/errors.ts";
import { isObject, type JsonObject } from "../shared/property.ts";
import type { OperationLog } from "../shared/provider.ts";
import type { VaultSettings } from "./settings.ts";
import { VaultError, VaultUnreachable } from "./vault-error.ts";

/** One request to Vault's HTTP API. */
export interface VaultRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path below `/v1/`. */
  readonly path: string;
  readonly body?: JsonObject;
  readonly token?: string;
  readonly namespace?: string | undefined;
}

/** The circumstances of a request. */
export interface Call {
  readonly signal: AbortSignal;
  readonly log?: OperationLog;
}

/** Vault's answer: an empty body where there was none. */
export interface VaultAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/**
 * Vault's HTTP API over kept-alive connections, repeating what a sealed or busy Vault or a broken connection refused.
 */
export class VaultHttp {
  readonly #settings: VaultSettings;
  readonly #backOffMilliseconds: number;
  #agent: http.Agent | undefined;

  constructor(settings: VaultSettings, backOffMilliseconds: number) {
    this.#settings = settings;
    this.#backOffMilliseconds = backOffMilliseconds;
  }

  /**
   * Sends a request, repeated as often as the settings allow.
   * @throws VaultError for every answer but success and a 404
   * @throws VaultUnreachable when there was no answer
   */
  async send(request: VaultRequest, call: Call): Promise<VaultAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(request, call.signal);
      const mayRepeat = attempt < this.#settings.maxRetries && !call.signal.aborted;
      if (!(outcome instanceof Error)) return outcome;
      if (!mayRepeat || !isTransient(outcome)) throw outcome;
      const why = outcome instanceof VaultError ? `Vault answered ${outcome.status}` : "Vault is unreachable";
      call.log?.status(`${why}, attempt ${attempt + 2} of ${this.#settings.maxRetries + 1} follows`);
      // Linear with jitter, as the official client waits.
      const wait = this.#backOffMilliseconds * (1 + Math.random() / 2) * (attempt + 1);
      await delay(wait, undefined, { signal: call.signal });
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent?.destroy();
  }

  async #attempt(request: VaultRequest, signal: AbortSignal): Promise<VaultAnswer | VaultError | VaultUnreachable> {
    const { address } = this.#settings;
    try {
      const { status, text } = await this.#exchange(request, signal);
      const body = jsonObject(text);
      if (status < 400 || status === 404) return { status, body };
      const errors = Array.isArray(body["errors"]) ? body["errors"].filter((error) => typeof error === "string") : [];
      return new VaultError({ ...request, address }, status, errors);
    } catch (error) {
      signal.throwIfAborted();
      const wanted = `${request.method} ${request.path}: must reach Vault at ${address}`;
      return new VaultUnreachable(
        `${wanted}, got ${errorText(error)}; check that Vault runs and that the address is right`,
      );
    }
  }

  #exchange(request: VaultRequest, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const url = new URL(`${this.#settings.address}/v1/${encodeURI(request.path)}`);
    const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
    const options: http.RequestOptions = {
      method: request.method,
      agent: this.#connections(url),
      signal,
      headers: {
        ...this.#settings.headers,
        "X-Vault-Request": "true",
        ...(request.token === undefined ? {} : { "X-Vault-Token": request.token }),
        ...(request.namespace === undefined ? {} : { "X-Vault-Namespace": request.namespace }),
        ...(payload === undefined
          ? {}
          : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(payload) }),
      },
    };
    const { request: open } = url.protocol === "https:" ? https : http;
    return new Promise((resolve, reject) => {
      const sent = open(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      });
      sent.setTimeout(requestTimeoutMilliseconds, () => sent.destroy(new Error("no answer in time")));
      sent.on("error", reject);
      sent.end(payload);
    });
  }

  #connections(url: URL): http.Agent {
    const { caCertFile, tlsServerName, skipTlsVerify } = this.#settings;
    this.#agent ??=
      url.protocol === "https:"
        ? new https.Agent({
            keepAlive: true,
            rejectUnauthorized: !skipTlsVerify,
            ...(caCertFile === undefined ? {} : { ca: readFileSync(caCertFile) }),
            ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
          })
        : new http.Agent({ keepAlive: true });
    return this.#agent;
  }
}

/** As the official client has it. */
const requestTimeoutMilliseconds = 60_000;

function isTransient(error: VaultError | VaultUnreachable): boolean {
  if (error instanceof VaultUnreachable) return true;
  return [412, 429, 472, 473].includes(error.status) || (error.status >= 500 && error.status !== 501);
}

function jsonObject(text: string): JsonObject {
  if (text.trim() === "") return {};
  const parsed = JSON.parse(text) as JsonObject[string];
  return isObject(parsed) ? parsed : {};
}
