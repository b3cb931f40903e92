import { randomUUID } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type KubeApi, kubeApi, type Patience } from "../../kube/kube-client.ts";
import { type Received, type Reply, type Wire, WireServer } from "./wire.ts";

interface StoredObject {
  metadata: { name: string; uid: string; resourceVersion: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** What a fake pod forwards to, and what happens to it. */
export interface FakePod {
  readonly name: string;
  /** Loopback port its port-forward leads to. */
  readonly port: () => number;
  /** Whether its readiness probe would succeed now. @default never */
  readonly ready?: () => boolean;
  /** What its container has printed. @default nothing, and it may not be read */
  readonly log?: () => string;
  /** Called when the pod is deleted and comes back. */
  readonly onRestart?: () => void;
  /** Called when the pod is annotated. @default nobody may */
  readonly onAnnotate?: () => void;
  /** Called when the pod comes back on a new volume. */
  readonly onNewVolume?: () => void;
}

/** Name of the context of a fake's kubeconfig. */
export const fakeContext = "fake";

/** The Kubernetes API as this project uses it, over a real socket: versions, conflicts, UIDs, port-forward streams. */
export class FakeKubernetes {
  readonly server = new WireServer("kubernetes", (request) => this.#answer(request));
  /** Decides the fate of each stream to a pod, which is asked for by the method CONNECT. */
  streams: Wire = () => null;
  readonly objects = new Map<string, StoredObject>();
  /** Every content a Secret ever had, in order. */
  readonly secretHistory: { name: string; data: Record<string, string> }[] = [];
  /** Verbs on Secrets the caller has no right to. */
  readonly denied = new Set<string>();
  /** True when the caller may not open streams to pods. */
  denyPortForward = false;
  /** Runs that are dead: whatever they still send is cut. */
  readonly dead = new Set<string>();
  /** Which run opened the forwarded connection that leaves from this local port. */
  readonly runOfPort = new Map<number, string>();
  readonly namespace: string;
  readonly #pods: readonly FakePod[];
  /** Whether each pod was ready when somebody last looked: the probe lags behind the process. */
  readonly #probed = new Map<string, boolean>();
  readonly #streams = new Set<{ run: string; socket: Duplex; upstream: Socket | null }>();
  #version = 0;

  constructor(namespace: string, statefulSet: string, pods: readonly FakePod[]) {
    this.namespace = namespace;
    this.#pods = pods;
    for (const { name } of pods) {
      this.put("persistentvolumeclaims", { metadata: { name: `data-${name}` } });
      this.#startPod(name);
    }
    this.put("statefulsets", {
      metadata: { name: statefulSet, generation: 1 },
      spec: { replicas: pods.length, updateStrategy: { type: "RollingUpdate" } },
      status: { observedGeneration: 1, updateRevision: "rev-1" },
    });
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
    this.server.http.on("upgrade", (request, socket, head) => {
      this.#upgrade(sockets, request, socket, head);
    });
  }

  listen(): Promise<void> {
    return this.server.listen();
  }

  close(): Promise<void> {
    this.#cutStreams(() => true);
    return this.server.close();
  }

  /** The API as one run sees it; requests carry the run's name. */
  api(run: string, patience?: Patience): KubeApi {
    const access = {
      context: fakeContext,
      server: new URL(`http://127.0.0.1:${this.server.port}`),
      connectionOptions: () => Promise.resolve({ headers: { "X-Run": run } }),
    };
    return kubeApi(access, patience);
  }

  /** A kubeconfig file that leads here; its path. */
  async kubeconfig(): Promise<string> {
    const file = join(await mkdtemp(join(tmpdir(), "fake-kubernetes-")), "kubeconfig");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      contexts: [{ name: fakeContext, context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${this.server.port}` } }],
      users: [{ name: "u", user: { token: "token" } }],
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  /** The process of this run is gone, with all its connections. */
  kill(run: string): void {
    this.dead.add(run);
    this.#cutStreams((stream) => stream.run === run);
  }

  get(resource: string, name: string): StoredObject | undefined {
    return this.objects.get(`${resource}/${name}`);
  }

  set(resource: string, name: string, change: (object: StoredObject) => void): void {
    const object = this.objects.get(`${resource}/${name}`);
    if (object !== undefined) {
      change(object);
      object.metadata.resourceVersion = String(++this.#version);
    }
  }

  remove(resource: string, name: string): void {
    this.objects.delete(`${resource}/${name}`);
  }

  /** What deleting a pod by hand does. */
  restartPod(name: string): void {
    this.#deletePod(name);
  }

  /** What losing the volume under a pod does. */
  loseVolume(name: string): void {
    this.objects.delete(`persistentvolumeclaims/data-${name}`);
    this.#deletePod(name);
  }

  put(
    resource: string,
    object: { metadata: { name: string; [field: string]: unknown }; [field: string]: unknown },
  ): StoredObject {
    const { metadata, ...content } = structuredClone(object);
    const stored: StoredObject = { ...content, metadata: { uid: randomUUID(), ...metadata, resourceVersion: "" } };
    stored.metadata.resourceVersion = String(++this.#version);
    this.objects.set(`${resource}/${stored.metadata.name}`, stored);
    if (resource === "secrets") {
      this.secretHistory.push({
        name: stored.metadata.name,
        data: structuredClone(stored["data"]) as Record<string, string>,
      });
    }
    return stored;
  }

  #startPod(name: string): void {
    this.put("pods", {
      metadata: { name, labels: { "controller-revision-hash": "rev-1" } },
      spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: `data-${name}` } }] },
      status: { phase: "Running", containerStatuses: [{ name: "vault", state: { running: {} } }] },
    });
  }

  /** As the StatefulSet's controller: the pod comes back under its name, on a new volume if the old claim is gone. */
  #deletePod(name: string): void {
    const pod = this.#pods.find((candidate) => candidate.name === name);
    this.objects.delete(`pods/${name}`);
    pod?.onRestart?.();
    if (this.objects.get(`persistentvolumeclaims/data-${name}`)?.metadata["deletionTimestamp"] !== undefined) {
      this.objects.delete(`persistentvolumeclaims/data-${name}`);
    }
    if (!this.objects.has(`persistentvolumeclaims/data-${name}`)) {
      this.put("persistentvolumeclaims", { metadata: { name: `data-${name}` } });
      pod?.onNewVolume?.();
    }
    this.#startPod(name);
  }

  #answer(request: Received): Reply {
    if (this.dead.has(request.run)) return status(503, "this run is dead");
    if (request.path.endsWith("/selfsubjectaccessreviews")) {
      const { spec } = JSON.parse(request.body) as { spec: { resourceAttributes: { verb: string } } };
      return { status: 201, body: { status: { allowed: !this.denied.has(spec.resourceAttributes.verb) } } };
    }
    const logOf = /\/pods\/([^/]+)\/log$/.exec(request.path)?.[1];
    if (logOf !== undefined) {
      const log = this.#pods.find(({ name }) => name === logOf)?.log;
      const current = log !== undefined && request.query.includes("previous=false");
      return current ? { status: 200, text: log() } : status(400, "no such container");
    }
    const match = /\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(request.path);
    if (match?.[1] !== this.namespace || match[2] === undefined) return status(404, "not found");
    return this.#crud(request, match[2], match[3]);
  }

  #crud(request: Received, resource: string, name: string | undefined): Reply {
    const verb = { GET: "get", POST: "create", PUT: "update", DELETE: "delete" }[request.method] ?? "";
    if (resource === "secrets" && this.denied.has(verb)) {
      return status(403, `secrets "${name ?? ""}" is forbidden: cannot ${verb}`);
    }
    const body = request.body === "" ? null : (JSON.parse(request.body) as StoredObject);
    const existing = this.objects.get(`${resource}/${name ?? body?.metadata.name ?? ""}`);
    switch (request.method) {
      case "GET":
        return existing === undefined
          ? status(404, `${resource} "${name ?? ""}" not found`)
          : { status: 200, body: resource === "pods" ? this.#withReadiness(existing) : existing };
      case "POST":
        return existing !== undefined || body === null
          ? status(409, `${resource} already exists`)
          : { status: 201, body: this.put(resource, body) };
      case "PUT":
        if (existing === undefined || body === null) return status(404, `${resource} not found`);
        if (body.metadata.resourceVersion !== existing.metadata.resourceVersion) {
          return status(409, "the object has been modified");
        }
        return {
          status: 200,
          body: this.put(resource, { ...body, metadata: { ...body.metadata, uid: existing.metadata.uid } }),
        };
      case "DELETE":
        return this.#delete(resource, name ?? "", existing, body);
      case "PATCH":
        return this.#annotate(name ?? "");
      default:
        return status(405, "method not allowed");
    }
  }

  #annotate(name: string): Reply {
    const onAnnotate = this.#pods.find((candidate) => candidate.name === name)?.onAnnotate;
    if (onAnnotate === undefined) return status(403, `pods "${name}" is forbidden: cannot patch`);
    onAnnotate();
    return { status: 200, body: {} };
  }

  #withReadiness(pod: StoredObject): StoredObject {
    const { name } = pod.metadata;
    const ready = this.#probed.get(name) === true;
    this.#probed.set(name, this.#pods.find((candidate) => candidate.name === name)?.ready?.() === true);
    const condition = {
      type: "Ready",
      status: ready ? "True" : "False",
      ...(!ready && { reason: "ContainersNotReady" }),
    };
    const status = pod["status"] as { conditions?: object[] };
    return { ...pod, status: { ...status, conditions: [...(status.conditions ?? []), condition] } };
  }

  #delete(resource: string, name: string, existing: StoredObject | undefined, options: object | null): Reply {
    if (existing === undefined) return status(404, `${resource} "${name}" not found`);
    const uid = (options as { preconditions?: { uid?: string } } | null)?.preconditions?.uid;
    if (uid !== undefined && uid !== existing.metadata.uid) {
      return status(409, "the UID in the precondition does not match");
    }
    if (resource === "pods") {
      this.#deletePod(name);
    } else if (resource === "persistentvolumeclaims") {
      // A claim in use is protected: it goes when its pod does.
      existing.metadata["deletionTimestamp"] = new Date().toISOString();
    } else {
      this.objects.delete(`${resource}/${name}`);
    }
    return { status: 200, body: {} };
  }

  #upgrade(sockets: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const run = String(request.headers["x-run"] ?? "");
    const name = /\/pods\/([^/]+)\/portforward/.exec(request.url ?? "")?.[1];
    const pod = this.#pods.find((candidate) => candidate.name === name);
    if (this.dead.has(run) || pod === undefined || !this.objects.has(`pods/${name ?? ""}`)) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const path = (request.url ?? "").split("?")[0] ?? "";
    const fault = this.streams({ server: "kubernetes", method: "CONNECT", path, query: "", body: "", run, token: "" });
    if (fault?.kind === "hang") return;
    if (fault?.kind === "answer") {
      socket.end(`HTTP/1.1 ${fault.status} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    if (fault !== null) {
      socket.destroy();
      return;
    }
    if (this.denyPortForward) {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#forward(webSocket, socket, pod.port(), run);
    });
  }

  /** The v4 channel protocol: channel 0 carries data, channel 1 the error, each opened by the port number. */
  #forward(webSocket: WebSocket, socket: Duplex, port: number, run: string): void {
    const upstream = connect(port, "127.0.0.1");
    const stream = { run, socket, upstream };
    this.#streams.add(stream);
    upstream.once("connect", () => this.runOfPort.set(upstream.localPort ?? 0, run));
    const prefix = Buffer.alloc(2);
    prefix.writeUInt16LE(8200);
    webSocket.send(Buffer.concat([Buffer.of(0), prefix]));
    webSocket.send(Buffer.concat([Buffer.of(1), prefix]));
    webSocket.on("message", (data: Buffer) => upstream.write(data.subarray(1)));
    webSocket.on("error", () => upstream.destroy());
    webSocket.on("close", () => {
      this.#streams.delete(stream);
      upstream.destroy();
    });
    upstream.on("data", (data) => {
      webSocket.send(Buffer.concat([Buffer.of(0), data]));
    });
    upstream.on("error", (error) => {
      webSocket.send(Buffer.concat([Buffer.of(1), Buffer.from(`error forwarding port: ${error.message}`)]));
      webSocket.close();
    });
    upstream.on("close", () => {
      webSocket.close();
    });
  }

  #cutStreams(which: (stream: { run: string }) => boolean): void {
    for (const stream of this.#streams) {
      if (which(stream)) {
        stream.upstream?.destroy();
        stream.socket.destroy();
      }
    }
  }
}

function status(code: number, message: string): Reply {
  return { status: code, body: { kind: "Status", apiVersion: "v1", status: "Failure", code, message } };
}
