import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { openTunnel, type Tunnel, type TunnelArgs } from "../../../../kube/tunnel/tunnel.ts";
import { FakeKubernetes } from "../../../support/fake-kubernetes.ts";

let server: Server;
let fake: FakeKubernetes;
let onConnection: (socket: Socket) => void;
const pod = { namespace: "vault", pod: "vault-0", port: 8200 };

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

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function open(args: Partial<TunnelArgs> = {}): Promise<{ tunnel: Tunnel; port: number }> {
  const port = args.port ?? (await freePort());
  const tunnel = await openTunnel({ port, kube: fake.api("run"), choosePod: () => Promise.resolve(pod), ...args });
  onTestFinished(() => tunnel.close());
  return { tunnel, port };
}

test("carries each connection to the pod that is chosen for it", async () => {
  onConnection = (socket) => socket.end("hello from the pod");
  const { tunnel, port } = await open();
  expect(tunnel.address).toBe(`127.0.0.1:${port}`);
  expect(await text(connect(port, "127.0.0.1"))).toBe("hello from the pod");
  expect(await text(connect(port, "127.0.0.1"))).toBe("hello from the pod");
});

test("a port that is taken is a fault that names the setting", async () => {
  const { port } = await open();
  await expect(open({ port })).rejects.toThrow(/^vaultstack:access.port: must be a free port of this machine, got \d+/);
});

test("a connection no pod fits is closed and its reason told", async () => {
  const faults: string[] = [];
  const { port } = await open({ choosePod: () => Promise.resolve(null), onFault: (reason) => faults.push(reason) });
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  await once(client, "close");
  expect(faults).toEqual(["no pod fits this connection now"]);
});

test("closing cuts what is open, and can be done twice", async () => {
  onConnection = (socket) => socket.write("x");
  const { tunnel, port } = await open();
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  await once(client, "data");
  await tunnel.close();
  await once(client, "close");
  await tunnel.close();
});

test("neither the listener nor an idle connection keeps a program alive", async () => {
  onConnection = (socket) => socket.write("x");
  const port = await freePort();
  const file = await fake.kubeconfig();
  const module = (name: string): string => JSON.stringify(new URL(`../../../../kube/${name}.ts`, import.meta.url).href);
  const program = `
    const { connectKube } = await import(${module("kube-client")});
    const { openTunnel } = await import(${module("tunnel/tunnel")});
    await openTunnel({ port: ${port}, kube: await connectKube("fake"), choosePod: async () => (${JSON.stringify(pod)}) });
    const client = (await import("node:net")).connect(${port}, "127.0.0.1");
    await new Promise((resolve) => client.once("data", resolve));
    client.unref();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, KUBECONFIG: file },
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
}, 20_000);
