import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { KubeApi } from "../../../kube/kube-client.ts";
import { KubeError } from "../../../kube/kube-error.ts";
import { openPodStream, type PodPort } from "../../../kube/pod-stream.ts";
import { FakeKubernetes } from "../../support/fake-kubernetes.ts";

let server: Server;
let fake: FakeKubernetes;
let onConnection: (socket: Socket) => void;
const target: PodPort = { namespace: "vault", pod: "vault-0", port: 8200 };

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  fake = new FakeKubernetes("vault", "vault", [{ name: "vault-0", port: () => port }]);
  await fake.listen();
  return async () => {
    await fake.close();
    server.close();
  };
});

test("carries what is written and what is answered, however large", async () => {
  onConnection = (socket) => socket.pipe(socket);
  const stream = await openPodStream(fake.api("run"), target);
  const sent = Buffer.alloc(3_000_000, "large ");
  stream.write(sent);
  let received = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received === sent.length) break;
  }
  expect(received).toBe(sent.length);
});

test("ends when the pod closes its side", async () => {
  onConnection = (socket) => socket.end("bye");
  expect(await text(await openPodStream(fake.api("run"), target))).toBe("bye");
});

test("a port nobody listens on is an error that names the pod", async () => {
  server.close();
  const stream = await openPodStream(fake.api("run"), target);
  const [error] = (await once(stream, "error")) as [unknown];
  expect(error).toBeInstanceOf(KubeError);
  expect(String(error)).toContain("pod vault/vault-0 port 8200");
});

test("a failure that comes in one piece with the answer rejects, and ends no process", async () => {
  const reason = Buffer.from("connection refused");
  const api = createServer((socket) => {
    socket.once("data", (request: Buffer) => {
      const key = /sec-websocket-key: (\S+)/i.exec(request.toString())?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
      const lines = [...head, `Sec-WebSocket-Accept: ${accept}`, "Sec-WebSocket-Protocol: v4.channel.k8s.io", "", ""];
      // One binary frame on the error channel, behind the number of the port.
      const content = Buffer.concat([Buffer.of(1, 0x08, 0x20), reason]);
      const frame = Buffer.concat([Buffer.of(0x82, content.length), content]);
      socket.write(Buffer.concat([Buffer.from(lines.join("\r\n")), frame]));
    });
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void api.close());
  const { port } = api.address() as AddressInfo;
  const access = {
    server: new URL(`http://127.0.0.1:${port}`),
    connectionOptions: () => Promise.resolve({}),
  } as unknown as KubeApi["access"];
  await expect(openPodStream({ ...fake.api("run"), access }, target)).rejects.toThrow("connection refused");
});

test("a pod that does not exist is refused", async () => {
  await expect(openPodStream(fake.api("run"), { ...target, pod: "vault-9" })).rejects.toMatchObject({
    kind: "not-found",
  });
});

test("a pod of the same name that came later is refused", async () => {
  const uid = (await fake.api("run").readPod("vault", "vault-0"))?.metadata.uid ?? "";
  fake.restartPod("vault-0");
  await expect(openPodStream(fake.api("run"), { ...target, uid })).rejects.toThrow("was replaced");
});

test("a connection cut in between is an end, never a stream that hangs", async () => {
  onConnection = () => {
    fake.kill("run");
  };
  const stream = await openPodStream(fake.api("run"), target);
  stream.on("error", () => undefined);
  stream.resume();
  await once(stream, "close");
  expect(stream.destroyed).toBe(true);
});

test("gives up opening when told to", async () => {
  const signal = AbortSignal.abort();
  await expect(openPodStream(fake.api("run"), target, { signal })).rejects.toThrow();
});
