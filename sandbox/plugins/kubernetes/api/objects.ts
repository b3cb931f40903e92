import { PluginError } from "../../shared/errors.ts";
import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import { listAt, nameOf, namespaceOf, textAt } from "../object/fields.ts";
import type { ApiClient, ApiRequest } from "./api-client.ts";
import { isNotFound } from "./api-error.ts";
import { versionPath, type Discovery } from "./discovery.ts";

/** What identifies an object. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Ignored for kinds outside namespaces. */
  readonly namespace: string;
  readonly name: string;
}

/** How a change is sent. */
export interface ChangeOptions {
  readonly fieldManager: string;
  /** Have the server say what it would do, and not do it. @default false */
  readonly dryRun?: boolean;
  /** Take fields from other managers. @default false */
  readonly force?: boolean;
}

/** Reads and writes objects of any kind. */
export class Objects {
  readonly #api: ApiClient;
  readonly #discovery: Discovery;

  constructor(api: ApiClient, discovery: Discovery) {
    this.#api = api;
    this.#discovery = discovery;
  }

  /** @throws ApiError when it is not there */
  async get(reference: ObjectReference, signal?: AbortSignal): Promise<JsonObject> {
    return this.#object({ method: "GET", path: await this.#path(reference), ...signalOf(signal) });
  }

  /** The object, or undefined when it or its kind is not there. */
  async find(reference: ObjectReference, signal?: AbortSignal): Promise<JsonObject | undefined> {
    try {
      return await this.get(reference, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The objects of a kind in a namespace that the selectors fit. */
  async list(
    reference: Omit<ObjectReference, "name">,
    query: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<readonly JsonObject[]> {
    const path = await this.#path({ ...reference, name: "" });
    const list = await this.#object({ method: "GET", path, query, ...signalOf(signal) });
    return listAt(list, "items").filter((item) => isObject(item));
  }

  /** Creates it. @throws ApiError AlreadyExists when there is one of that name, whoever made it */
  async create(object: JsonObject, options: ChangeOptions, signal?: AbortSignal): Promise<JsonObject> {
    const path = await this.#path({ ...referenceOf(object), name: "" });
    return this.#object({ method: "POST", path, query: changeQuery(options), body: object, ...signalOf(signal) });
  }

  /** Server-side apply: the object's fields become those of the manager, and fields it no longer names go. */
  async apply(object: JsonObject, options: ChangeOptions, signal?: AbortSignal): Promise<JsonObject> {
    const query = { ...changeQuery(options), force: String(options.force === true) };
    const path = await this.#path(referenceOf(object));
    const contentType = "application/apply-patch+yaml";
    return this.#object({ method: "PATCH", path, query, body: object, contentType, ...signalOf(signal) });
  }

  /** Replaces the whole object; its `metadata.resourceVersion` must be the live one. */
  async replace(object: JsonObject, options: ChangeOptions, signal?: AbortSignal): Promise<JsonObject> {
    const path = await this.#path(referenceOf(object));
    return this.#object({ method: "PUT", path, query: changeQuery(options), body: object, ...signalOf(signal) });
  }

  /** A JSON patch, for what neither apply nor replace can do. */
  async patch(reference: ObjectReference, operations: Json[], signal?: AbortSignal): Promise<JsonObject> {
    const contentType = "application/json-patch+json";
    const path = await this.#path(reference);
    return this.#object({ method: "PATCH", path, body: operations, contentType, ...signalOf(signal) });
  }

  /** Asks for deletion. @returns false when it is gone already */
  async delete(reference: ObjectReference, propagationPolicy: string, signal?: AbortSignal): Promise<boolean> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
    try {
      await this.#api.request({ method: "DELETE", path: await this.#path(reference), body, ...signalOf(signal) });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #object(request: ApiRequest): Promise<JsonObject> {
    const answer = await this.#api.request(request);
    if (isObject(answer)) return answer;
    throw new PluginError(
      `${request.path}: the API server must answer with an object, got none; check that the address is that of an API server`,
    );
  }

  async #path({ apiVersion, kind, namespace, name }: ObjectReference): Promise<string> {
    const { plural, namespaced } = await this.#discovery.served(apiVersion, kind);
    const inside = namespaced
      ? `/namespaces/${encodeURIComponent(namespace === "" ? this.#api.namespace : namespace)}`
      : "";
    return `${versionPath(apiVersion)}${inside}/${plural}${name === "" ? "" : `/${encodeURIComponent(name)}`}`;
  }
}

/** What identifies the object. */
export function referenceOf(object: JsonObject): ObjectReference {
  return {
    apiVersion: textAt(object, "apiVersion"),
    kind: textAt(object, "kind"),
    namespace: namespaceOf(object),
    name: nameOf(object),
  };
}

/** Strict: a misspelt field is an error, never dropped. */
function changeQuery({ fieldManager, dryRun }: ChangeOptions): Record<string, string> {
  return { fieldManager, fieldValidation: "Strict", ...(dryRun === true ? { dryRun: "All" } : {}) };
}

function signalOf(signal: AbortSignal | undefined): Pick<ApiRequest, "signal"> {
  return signal === undefined ? {} : { signal };
}
