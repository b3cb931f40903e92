/**
 * Whom the tunnel serves. The kernel's answer is given by the test where it is of another user, because this suite has one user
 * only. Does not prove anything about systems other than Linux.
 */
import { connect, createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { loopbackPeer } from "../../../../components/cluster/loopback-peer.ts";
import { openTunnel, type TunnelArgs } from "../../../../components/cluster/tunnel.ts";
import { FakeKubernetes } from "../../../support/fake-kubernetes.ts";

let fake: FakeKubernetes;
const own = process.geteuid?.() ?? 0;

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

async function said(args: Partial<TunnelArgs>): Promise<{ readonly answer: string; readonly told: readonly string[] }> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const told: string[] = [];
  const choosePod = () => Promise.resolve({ namespace: "vault", pod: "vault-0", port: 8200 });
  const onStranger = (reason: string): void => void told.push(reason.replaceAll(String(port), "<port>"));
  const tunnel = await openTunnel({ port, kube: fake.api("run"), choosePod, onStranger, ...args });
  onTestFinished(() => tunnel.close());
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  return { answer: await text(client).catch(() => ""), told };
}

test("whoever runs the program is served", async () => {
  expect(await said({})).toEqual({ answer: "from the pod", told: [] });
});

test("another user of the machine is not, and the run says so (S18)", async () => {
  const { answer, told } = await said({ peerOf: () => Promise.resolve({ kind: "user", uid: own + 1 }) });
  expect(answer).toBe("");
  expect(told).toEqual([`refused a connection to port <port> of the user with id ${own + 1}: it serves ${own} alone`]);
});

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
