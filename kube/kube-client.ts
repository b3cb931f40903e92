import { request as httpRequest, Agent as HttpAgent } from "node:http";
import { request as httpsRequest, Agent as HttpsAgent } from "node:https";
import { refuseUnsafeEnvironment } from "../shared/unsafe-environment.ts";
import { isTransient, KubeError, kindOfStatus } from "./kube-error.ts";
import type {
  ClusterEvent,
  ConfigMap,
  CustomKind,
  CustomObject,
  Endpoints,
  Gateway,
  Lease,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  StatefulSet,
} from "./kube-objects.ts";
import { type ClusterAccess, loadClusterAccess } from "./kubeconfig/kubeconfig.ts";

/** A question to the API server about the caller's own rights. */
export interface AccessQuestion {
  readonly namespace: string;
  readonly verb: "get" | "create" | "update" | "delete";
  /** API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** The few calls this project makes. A missing object reads as null; every other refusal is a {@link KubeError}. */
export interface KubeApi {
  readonly access: ClusterAccess;
  readPod(namespace: string, name: string): Promise<Pod | null>;
  /** Deletes the pod only while it is still the one with this UID. */
  deletePod(namespace: string, name: string, uid: string): Promise<void>;
  /** Adds annotations to the pod, or changes them. */
  annotatePod(namespace: string, name: string, annotations: Readonly<Record<string, string>>): Promise<void>;
  /** What a container has printed; null when there is no such container, or the caller may not read it. */
  readLog(
    namespace: string,
    pod: string,
    container: string,
    which: { /** That of the container before its last restart. */ readonly previous: boolean },
  ): Promise<string | null>;
  readClaim(namespace: string, name: string): Promise<PersistentVolumeClaim | null>;
  /** Deletes the claim only while it is still the one with this UID. */
  deleteClaim(namespace: string, name: string, uid: string): Promise<void>;
  readStatefulSet(namespace: string, name: string): Promise<StatefulSet | null>;
  readConfigMap(namespace: string, name: string): Promise<ConfigMap | null>;
  readService(namespace: string, name: string): Promise<Service | null>;
  readEndpoints(namespace: string, name: string): Promise<Endpoints | null>;
  readSecret(namespace: string, name: string): Promise<Secret | null>;
  createSecret(secret: Secret): Promise<Secret>;
  /** Refused with a conflict when `metadata.resourceVersion` is not the newest. */
  replaceSecret(secret: Secret): Promise<Secret>;
  readGateway(namespace: string, name: string): Promise<Gateway | null>;
  readLease(namespace: string, name: string): Promise<Lease | null>;
  createLease(lease: Lease): Promise<Lease>;
  /** Refused with a conflict when `metadata.resourceVersion` is not the newest. */
  replaceLease(lease: Lease): Promise<Lease>;
  readCustomObject(kind: CustomKind, namespace: string, name: string): Promise<CustomObject | null>;
  /** What was said about the object with this UID, in no order. */
  readEvents(namespace: string, uid: string): Promise<readonly ClusterEvent[]>;
  /** Whether the caller may do this; false with the reason the authorizer gave. */
  mayI(question: AccessQuestion): Promise<{ readonly allowed: boolean; readonly reason: string }>;
}

/** How long the API server is waited for. */
export interface Patience {
  /** For each answer, in milliseconds. */
  readonly timeoutMs: number;
  /** How often a read is tried. */
  readonly attempts: number;
}

const defaultPatience: Patience = { timeoutMs: 15_000, attempts: 3 };

/**
 * A small API client for one context of the kubeconfig.
 *
 * All work on a cluster begins here, in dynamic providers too, which a plain `pulumi refresh` starts without the
 * program. So this is where a process is stopped when its environment weakens TLS, its own or that of the plugins
 * beside it.
 */
export async function connectKube(context: string): Promise<KubeApi> {
  refuseUnsafeEnvironment(process.env);
  return kubeApi(await loadClusterAccess(context));
}

/** The API over an access already loaded. */
export function kubeApi(access: ClusterAccess, patience: Patience = defaultPatience): KubeApi {
  const send = sender(access, patience.timeoutMs);
  const call: Call = Object.assign(caller(send), { attempts: patience.attempts });
  const core = (namespace: string, resource: string, name?: string): string =>
    path("/api/v1", namespace, resource, name);
  const leases = (namespace: string, name?: string): string =>
    path("/apis/coordination.k8s.io/v1", namespace, "leases", name);
  const uidGuard = (uid: string): object => ({ apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } });
  return {
    access,
    readPod: (namespace, name) => readOrNull(call, core(namespace, "pods", name)),
    deletePod: (namespace, name, uid) => removed(call("DELETE", core(namespace, "pods", name), uidGuard(uid))),
    annotatePod: async (namespace, name, annotations) => {
      await call("PATCH", core(namespace, "pods", name), { metadata: { annotations } });
    },
    readLog: (namespace, pod, container, { previous }) =>
      readLog(send, core(namespace, "pods", pod), container, previous),
    readClaim: (namespace, name) => readOrNull(call, core(namespace, "persistentvolumeclaims", name)),
    deleteClaim: (namespace, name, uid) =>
      removed(call("DELETE", core(namespace, "persistentvolumeclaims", name), uidGuard(uid))),
    readStatefulSet: (namespace, name) => readOrNull(call, path("/apis/apps/v1", namespace, "statefulsets", name)),
    readConfigMap: (namespace, name) => readOrNull(call, core(namespace, "configmaps", name)),
    readService: (namespace, name) => readOrNull(call, core(namespace, "services", name)),
    readEndpoints: (namespace, name) => readOrNull(call, core(namespace, "endpoints", name)),
    readSecret: (namespace, name) => readOrNull(call, core(namespace, "secrets", name)),
    createSecret: (secret) => call("POST", core(secret.metadata.namespace ?? "", "secrets"), secret) as Promise<Secret>,
    replaceSecret: (secret) =>
      call("PUT", core(secret.metadata.namespace ?? "", "secrets", secret.metadata.name), secret) as Promise<Secret>,
    readGateway: (namespace, name) =>
      readOrNull(call, path("/apis/gateway.networking.k8s.io/v1", namespace, "gateways", name)),
    readLease: (namespace, name) => readOrNull(call, leases(namespace, name)),
    createLease: (lease) => call("POST", leases(lease.metadata.namespace ?? ""), lease) as Promise<Lease>,
    replaceLease: (lease) =>
      call("PUT", leases(lease.metadata.namespace ?? "", lease.metadata.name), lease) as Promise<Lease>,
    readCustomObject: ({ apiVersion, plural }, namespace, name) =>
      readOrNull(call, path(`/apis/${apiVersion}`, namespace, plural, name)),
    readEvents: async (namespace, uid) => {
      const selector = new URLSearchParams({ fieldSelector: `involvedObject.uid=${uid}` }).toString();
      const list = await readOrNull<{ readonly items?: readonly ClusterEvent[] }>(
        call,
        `${core(namespace, "events")}?${selector}`,
      );
      return list?.items ?? [];
    },
    mayI: (question) => askAccess(call, question),
  };
}

type Send = (
  method: string,
  path: string,
  body?: object,
) => Promise<{ readonly status: number; readonly text: string }>;

interface Call {
  (method: string, path: string, body?: object): Promise<unknown>;
  /** How often a read is tried. */
  readonly attempts: number;
}

const readPauseMs = 250;

/** Reads are repeated a few times; writes never, because only their caller knows whether they may have happened. */
async function readOrNull<T>(call: Call, at: string): Promise<T | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await call("GET", at)) as T;
    } catch (error) {
      if (error instanceof KubeError && error.kind === "not-found") return null;
      if (attempt >= call.attempts || !isTransient(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, readPauseMs * attempt));
    }
  }
}

async function readLog(send: Send, pod: string, container: string, previous: boolean): Promise<string | null> {
  try {
    return (await send("GET", `${pod}/log?container=${encodeURIComponent(container)}&previous=${previous}`)).text;
  } catch (error) {
    if (error instanceof KubeError && !isTransient(error)) return null;
    throw error;
  }
}

/** Something already gone counts as deleted; something else under the same name is left alone. */
async function removed(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof KubeError && (error.kind === "not-found" || error.kind === "conflict"))) throw error;
  }
}

async function askAccess(call: Call, question: AccessQuestion): Promise<{ allowed: boolean; reason: string }> {
  const review = (await call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: question },
  })) as { status?: { allowed?: boolean; reason?: string } };
  return { allowed: review.status?.allowed === true, reason: review.status?.reason ?? "" };
}

function path(api: string, namespace: string, resource: string, name?: string): string {
  const collection = `${api}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}

function caller(send: Send): (...request: Parameters<Send>) => Promise<unknown> {
  return async (method, at, body) => {
    const { status, text } = await send(method, at, body);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new KubeError("unavailable", status, `${method} ${at}: the answer is not JSON`, { cause: error });
    }
  };
}

function contentType(method: string): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

function sender(access: ClusterAccess, timeoutMs: number): Send {
  // Idle sockets of these agents do not keep a process alive.
  const secure = access.server.protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  return async (method, at, body) => {
    const options = await access.connectionOptions();
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const url = new URL(join(access.server, at));
      const unreachable = (error: Error): void => {
        reject(
          new KubeError("unreachable", 0, `${method} ${at}: API server ${access.server.host}: ${error.message}`, {
            cause: error,
          }),
        );
      };
      const request = (secure ? httpsRequest : httpRequest)(
        url,
        {
          agent,
          ...options,
          method,
          headers: {
            ...options.headers,
            Accept: "application/json, */*",
            ...(text === undefined
              ? {}
              : { "Content-Type": contentType(method), "Content-Length": Buffer.byteLength(text) }),
          },
          timeout: timeoutMs,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", unreachable);
          response.on("end", () => {
            const status = response.statusCode ?? 0;
            if (status === 401) access.forgetCredentials?.();
            const content = Buffer.concat(chunks).toString("utf8");
            if (status < 200 || status > 299) {
              reject(
                new KubeError(kindOfStatus(status), status, `${method} ${at}: ${status} ${statusMessage(content)}`),
              );
              return;
            }
            resolve({ status, text: content });
          });
        },
      );
      request.on("timeout", () => request.destroy(new Error(`no answer for ${timeoutMs / 1000} s`)));
      request.on("error", unreachable);
      request.end(text);
    });
  };
}

/** A server may live below a path, as behind a management proxy. */
function join(server: URL, at: string): string {
  return server.origin + server.pathname.replace(/\/$/, "") + at;
}

/** The message of a Kubernetes `Status`, which names objects and rules but repeats no data. */
export function statusMessage(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed && typeof parsed.message === "string") {
      return parsed.message.slice(0, 500);
    }
  } catch {
    // Not a Status: a proxy's page, whose text would only confuse.
  }
  return "no reason given";
}
