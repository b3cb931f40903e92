import { setTimeout as delay } from "node:timers/promises";
import { PluginError } from "../shared/errors.ts";
import { isObject, type JsonObject } from "../shared/property.ts";
import type { PluginHost } from "../shared/provider.ts";
import type { VaultSettings } from "./settings.ts";
import { VaultError } from "./vault-error.ts";
import { VaultHttp, type Call, type VaultAnswer, type VaultRequest } from "./vault-http.ts";

/** Vault as the plugin's own identity sees it: one login per process, made when it is first needed. */
export class VaultSession {
  readonly #settings: VaultSettings;
  readonly #host: PluginHost;
  readonly #http: VaultHttp;
  #token: Promise<string> | undefined;

  /** @param backOffMilliseconds wait before the first repetition of a request */
  constructor(settings: VaultSettings, host: PluginHost, backOffMilliseconds = 1_000) {
    this.#settings = settings;
    this.#host = host;
    this.#http = new VaultHttp(settings, backOffMilliseconds);
  }

  /** The `data` of what is at a path, or undefined when nothing is there. */
  async read(path: string, call: Call): Promise<JsonObject | undefined> {
    const { body } = await this.#send({ method: "GET", path }, call);
    // A deleted version of a key is a 404 that has data: it exists.
    return member(body, "data");
  }

  /** Writes to a path and returns the `data` of the answer, empty when there is none. */
  async write(path: string, body: JsonObject, call: Call): Promise<JsonObject> {
    const request: VaultRequest = { method: "PUT", path, body };
    const answer = await this.#send(request, call);
    if (answer.status === 404) throw new VaultError({ ...request, address: this.#settings.address }, 404, []);
    return member(answer.body, "data") ?? {};
  }

  /**
   * {@link VaultSession.write}, repeated while Vault answers that the request is bad:
   * a version 2 key-value engine does so for a while after it was mounted.
   */
  async writeOnceReady(path: string, body: JsonObject, call: Call): Promise<JsonObject> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.write(path, body, call);
      } catch (error) {
        const isUpgrading = error instanceof VaultError && error.status === 400 && upgrading.test(error.errors.join());
        if (!isUpgrading || attempt === upgradeAttempts) throw error;
      }
      await delay(upgradePollMilliseconds, undefined, { signal: call.signal });
    }
  }

  /** {@link VaultSession.write}, or undefined when Vault finds nothing at the path. */
  async ask(path: string, body: JsonObject, call: Call): Promise<JsonObject | undefined> {
    const answer = await this.#send({ method: "PUT", path, body }, call);
    return answer.status === 404 ? undefined : (member(answer.body, "data") ?? {});
  }

  /** Deletes what is at a path; nothing there is as good. */
  async remove(path: string, call: Call): Promise<void> {
    await this.#send({ method: "DELETE", path }, call);
  }

  /** Closes idle connections. */
  close(): void {
    this.#http.close();
  }

  async #send(request: VaultRequest, call: Call): Promise<VaultAnswer> {
    return this.#http.send({ ...request, token: await this.#authenticated(call) }, call);
  }

  #authenticated(call: Call): Promise<string> {
    this.#token ??= this.#authenticate(call).catch((error: unknown) => {
      // The next resource may try again: Vault may be unsealed by then.
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }

  async #authenticate(call: Call): Promise<string> {
    const token = this.#settings.login === undefined ? this.#givenToken() : await this.#login(call);
    this.#host.protect(token);
    // The official provider looks its token up first; a dead one fails here, with the reason.
    await this.#http.send({ method: "GET", path: "auth/token/lookup-self", token }, call);
    return this.#settings.skipChildToken ? token : this.#childToken(token, call);
  }

  #givenToken(): string {
    const { token } = this.#settings;
    if (token !== undefined && token !== "") return token;
    throw new PluginError(
      "token: must be given when there is no authLogin, got nothing; set one of them on the provider",
    );
  }

  async #login(call: Call): Promise<string> {
    const { login } = this.#settings;
    if (login === undefined) return this.#givenToken();
    Object.values(login.parameters).forEach(this.#host.protect);
    const request: VaultRequest = {
      method: "PUT",
      path: login.path,
      body: login.parameters,
      namespace: login.namespace,
    };
    return tokenOf(await this.#http.send(request, call), login.path);
  }

  async #childToken(token: string, call: Call): Promise<string> {
    const ttl = `${this.#settings.maxLeaseTtlSeconds}s`;
    const body = { display_name: this.#settings.tokenName, ttl, explicit_max_ttl: ttl, renewable: false };
    const child = tokenOf(
      await this.#http.send({ method: "PUT", path: "auth/token/create", token, body }, call),
      "auth/token/create",
    );
    this.#host.protect(child);
    return child;
  }
}

const upgrading = /upgrading from non-versioned/i;
const upgradeAttempts = 60;
const upgradePollMilliseconds = 500;

function tokenOf(answer: VaultAnswer, path: string): string {
  const token = member(answer.body, "auth")?.["client_token"];
  if (typeof token === "string" && token !== "") return token;
  throw new PluginError(`PUT ${path}: must return a token, got none; check the path of the login`);
}

function member(object: JsonObject, key: string): JsonObject | undefined {
  const value = object[key];
  return isObject(value) ? value : undefined;
}
