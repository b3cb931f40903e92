import { randomUUID } from "node:crypto";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { nameOf } from "../../sandbox/plugins/kubernetes/object/fields.ts";
import type { Json, JsonObject } from "../../sandbox/plugins/shared/property.ts";

/** A request as the server got it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: Json;
}

interface Kind {
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/**
 * A small API server: it keeps objects, knows who made them, refuses second ones, and can be told to answer otherwise.
 * It does not validate, default or merge by field owner; what depends on that is proved against the real one.
 */
export class ObjectServer {
  readonly requests: SeenRequest[] = [];
  readonly objects = new Map<string, JsonObject>();
  /** Called with every object as it is stored, to play the controllers. */
  onStored: (path: string, object: JsonObject) => JsonObject = (_path, object) => object;
  /** An answer instead of the usual one. */
  intercept: (request: SeenRequest) => { code: number; body: JsonObject } | undefined = () => undefined;
  readonly #kinds: Record<string, Kind> = {
    Namespace: { version: "/api/v1", plural: "namespaces", namespaced: false },
    ConfigMap: { version: "/api/v1", plural: "configmaps", namespaced: true },
    Secret: { version: "/api/v1", plural: "secrets", namespaced: true },
    Service: { version: "/api/v1", plural: "services", namespaced: true },
    Pod: { version: "/api/v1", plural: "pods", namespaced: true },
    Event: { version: "/api/v1", plural: "events", namespaced: true },
    Deployment: { version: "/apis/apps/v1", plural: "deployments", namespaced: true },
    StatefulSet: { version: "/apis/apps/v1", plural: "statefulsets", namespaced: true },
    EndpointSlice: { version: "/apis/discovery.k8s.io/v1", plural: "endpointslices", namespaced: true },
  };
  readonly #server: http.Server;
  #port = 0;
  #revision = 0;

  private constructor() {
    this.#server = http.createServer((incoming, response) => {
      void this.#serve(incoming, response);
    });
  }

  static async start(): Promise<ObjectServer> {
    const server = new ObjectServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    server.#port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A kubeconfig for it. */
  get kubeconfig(): string {
    return JSON.stringify({
      "current-context": "fake",
      clusters: [{ name: "fake", cluster: { server: this.url } }],
      contexts: [{ name: "fake", context: { cluster: "fake" } }],
    });
  }

  /** Serves another kind from now on. */
  define(kind: string, version: string, plural: string): void {
    this.#kinds[kind] = { version, plural, namespaced: true };
  }

  /** Changes a stored object as a controller or a person does. */
  change(path: string, change: (object: JsonObject) => JsonObject): void {
    const object = this.objects.get(path);
    if (object === undefined) throw new Error(`${path} is not stored`);
    this.objects.set(path, change(object));
  }

  /** The requests of a method, as paths. */
  paths(method: string): string[] {
    return this.requests.filter((request) => request.method === method).map(({ path }) => path);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? "/", "http://fake");
    const text = Buffer.concat(chunks).toString("utf8");
    const request: SeenRequest = {
      method: incoming.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      contentType: incoming.headers["content-type"] ?? "",
      body: text === "" ? null : (JSON.parse(text) as Json),
    };
    this.requests.push(request);
    const { code, body } = this.intercept(request) ?? this.#answer(request);
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  #answer(request: SeenRequest): { code: number; body: JsonObject } {
    if (request.path === "/version") return { code: 200, body: { major: "1", minor: "34" } };
    const kinds = Object.entries(this.#kinds);
    if (kinds.some(([, { version }]) => version === request.path))
      return { code: 200, body: this.#discovery(request.path) };
    if (!kinds.some(([, { version }]) => request.path.startsWith(`${version}/`)))
      return failure(404, "NotFound", "the server could not find the requested resource");
    const isCollection = kinds.some(([, { plural }]) => request.path.endsWith(`/${plural}`));
    return isCollection ? this.#collection(request) : this.#object(request);
  }

  #discovery(version: string): JsonObject {
    const resources = Object.entries(this.#kinds)
      .filter(([, kind]) => kind.version === version)
      .map(([kind, { plural, namespaced }]) => ({ name: plural, kind, namespaced }));
    return { resources };
  }

  #collection({ method, path, body, query }: SeenRequest): { code: number; body: JsonObject } {
    if (method === "GET") {
      const items = [...this.objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, object]) => object);
      return { code: 200, body: { items } };
    }
    const object = body as JsonObject;
    const key = `${path}/${nameOf(object)}`;
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
    if (namespace !== undefined && namespace !== "default" && !this.objects.has(`/api/v1/namespaces/${namespace}`)) {
      return failure(404, "NotFound", `namespaces "${namespace}" not found`, { kind: "namespaces", name: namespace });
    }
    if (this.objects.has(key)) return failure(409, "AlreadyExists", `"${key}" already exists`);
    const manager = { manager: query["fieldManager"] ?? "", operation: "Update", fieldsV1: {} };
    return { code: 201, body: this.#store(key, object, [manager], query) };
  }

  #object({ method, path, body, query, contentType }: SeenRequest): { code: number; body: JsonObject } {
    const existing = this.objects.get(path);
    if (existing === undefined) return failure(404, "NotFound", `"${path}" not found`);
    if (method === "GET") return { code: 200, body: existing };
    if (method === "DELETE") {
      this.objects.delete(path);
      return { code: 200, body: existing };
    }
    const managed = (existing["metadata"] as JsonObject)["managedFields"] as Json[];
    if (contentType.includes("json-patch")) {
      const [{ value } = { value: managed }] = body as unknown as { value: Json[] }[];
      return { code: 200, body: this.#store(path, existing, value, query) };
    }
    return { code: 200, body: this.#store(path, { ...existing, ...(body as JsonObject) }, managed, query) };
  }

  #store(key: string, object: JsonObject, managedFields: Json[], query: Readonly<Record<string, string>>): JsonObject {
    this.#revision += 1;
    const old = this.objects.get(key)?.["metadata"] as JsonObject | undefined;
    const metadata = {
      ...(object["metadata"] as JsonObject),
      uid: old?.["uid"] ?? randomUUID(),
      resourceVersion: String(this.#revision),
      managedFields,
    };
    const stored = this.onStored(key, { ...object, metadata });
    if (query["dryRun"] !== "All") this.objects.set(key, stored);
    return stored;
  }
}

/** A refusal in the API server's form. */
export function failure(
  code: number,
  reason: string,
  message: string,
  details: JsonObject = {},
): { code: number; body: JsonObject } {
  return { code, body: { kind: "Status", status: "Failure", code, reason, message, details } };
}
