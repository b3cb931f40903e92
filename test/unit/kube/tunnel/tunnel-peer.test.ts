/**
 * Whom the tunnel serves. Only root can be two users: for others, the test gives the kernel's answer of another user
 * itself. Does not prove anything about systems other than Linux.
 */
import { execFile } from "node:child_process";
import { connect, createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { loopbackPeer } from "../../../../kube/tunnel/loopback-peer.ts";
import { openTunnel, type TunnelArgs } from "../../../../kube/tunnel/tunnel.ts";
import { FakeKubernetes } from "../../../support/fake-kubernetes.ts";

let fake: FakeKubernetes;
const own = process.geteuid?.() ?? 0;
/** The user that owns nothing, by the custom of all Linux systems. */
const stranger = 65534;

beforeEach(async () => {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()).end("from the pod"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  fake = new FakeKubernetes("vault", "vault", [
    { name: "vault-0", port: () => (server.address() as AddressInfo).port },
  ]);
  await fake.listen();
  return async () => {
    await fake.close();
    server.close();
  };
});

/** What somebody is answered who connects to a port of this machine. */
type Client = (port: number) => Promise<string>;

const thisProcess: Client = async (port) => {
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  return text(client).catch(() => "");
};

/** A process of another user. Bash is everybody's, whereas the folder of this Node may be closed to others. */
const anotherUser: Client = async (port) => {
  const read = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`;
  const { stdout } = await promisify(execFile)("/bin/bash", ["-c", read], { uid: stranger, cwd: "/" });
  return stdout;
};

async function said(
  args: Partial<TunnelArgs>,
  client: Client = thisProcess,
): Promise<{ readonly answer: string; readonly told: readonly string[] }> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const told: string[] = [];
  const choosePod = () => Promise.resolve({ namespace: "vault", pod: "vault-0", port: 8200 });
  const onStranger = (reason: string): void => void told.push(reason.replaceAll(String(port), "<port>"));
  const tunnel = await openTunnel({ port, kube: fake.api("run"), choosePod, onStranger, ...args });
  onTestFinished(() => tunnel.close());
  return { answer: await client(port), told };
}

test("whoever runs the program is served", async () => {
  expect(await said({})).toEqual({ answer: "from the pod", told: [] });
});

test("another user of the machine is not, and the run says so (S18)", async () => {
  const { answer, told } = await said({ peerOf: () => Promise.resolve({ kind: "user", uid: own + 1 }) });
  expect(answer).toBe("");
  expect(told).toEqual([`refused a connection to port <port> of the user with id ${own + 1}: it serves ${own} alone`]);
});

test.runIf(process.platform === "linux" && own === 0)(
  "nor is a process of another user, by the kernel's word",
  async () => {
    const believed = await said({ peerOf: () => Promise.resolve({ kind: "user", uid: own }) }, anotherUser);
    expect(believed.answer).toBe("from the pod");
    const { answer, told } = await said({}, anotherUser);
    expect(answer).toBe("");
    expect(told).toEqual([
      `refused a connection to port <port> of the user with id ${stranger}: it serves ${own} alone`,
    ]);
  },
);

test("a connection that nobody has any more is not served", async () => {
  expect((await said({ peerOf: () => Promise.resolve({ kind: "gone" }) })).answer).toBe("");
});

test("no more connections are carried than the limit allows (S18)", async () => {
  expect((await said({ limit: 0 })).told).toEqual(["refused a connection to port <port>: 0 are carried already"]);
});

test("on a system that says nothing everybody is served, and the run says so", async () => {
  const { answer, told } = await said({ peerOf: () => Promise.resolve({ kind: "unknown" }) });
  expect(answer).toBe("from the pod");
  expect(told[0]).toContain("every user of the machine is served");
});

test.runIf(process.platform === "linux")("the kernel tells who has the other end", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const client = connect(port, "127.0.0.1");
  onTestFinished(() => void client.destroy());
  await once(client, "connect");
  const peer = await loopbackPeer({ peer: client.localPort ?? 0, own: port });
  expect(peer).toEqual({ kind: "user", uid: own });
});

const line = (local: string, remote: string, uid: number, inode: number): string =>
  `   0: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0 20 4 30 10 -1`;

test("another user's connection is told by its own end, and by its inode", async () => {
  const [peer, own] = [0x1234, 0x2008];
  const ours = line("0100007F:2008", "0100007F:1234", 1000, 7);
  const theirs = line("0100007F:1234", "0100007F:2008", 1001, 8);
  const left = line("0100007F:1234", "0100007F:2008", 0, 0);
  const from = async (...lines: string[]) => loopbackPeer({ peer, own }, () => Promise.resolve(lines.join("\n")));
  expect(await from(ours, theirs)).toEqual({ kind: "user", uid: 1001 });
  expect(await from(ours, left)).toEqual({ kind: "gone" });
});
