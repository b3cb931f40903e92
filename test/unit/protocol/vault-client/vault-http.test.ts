import { connect } from "node:net";
import { beforeEach, expect, test } from "vitest";
import { VaultRefusal, VaultNoAnswer, withoutSecrets } from "../../../../protocol/vault-client/vault-error.ts";
import { exchange, type VaultRequest, type VaultTransport } from "../../../../protocol/vault-client/vault-http.ts";
import { type Reply, WireServer } from "../../../support/wire.ts";

let server: WireServer;
let reply: Reply;
let transport: VaultTransport;

beforeEach(async () => {
  reply = { status: 200, body: { ok: true } };
  server = new WireServer("vault", () => reply);
  await server.listen();
  transport = {
    label: "pod vault/vault-0",
    host: "vault-0",
    connect: () => Promise.resolve(connect(server.port, "127.0.0.1")),
  };
  return () => server.close();
});

function ask(change: Partial<VaultRequest> = {}): ReturnType<typeof exchange> {
  return exchange(transport, { method: "PUT", path: "sys/unseal", signal: AbortSignal.timeout(2_000), ...change });
}

async function failure(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

test("sends exactly the fields that were named", async () => {
  await ask({ body: { key: "share" }, token: "hvs.token" });
  expect(server.log).toMatchObject([
    { method: "PUT", path: "/v1/sys/unseal", body: '{"key":"share"}', token: "hvs.token" },
  ]);
});

test("an answer without content has none", async () => {
  reply = { status: 204 };
  expect(await ask()).toEqual({ status: 204, body: null });
});

test("a refusal carries Vault's words without what was sent", async () => {
  reply = { status: 400, body: { errors: ["cannot take deadbeefdeadbeef for hvs.secret-token"] } };
  const error = await failure(ask({ body: { nested: { key: "deadbeefdeadbeef" } }, token: "hvs.secret-token" }));
  expect(error).toBeInstanceOf(VaultRefusal);
  expect(String(error)).toContain("400 (cannot take [removed] for [removed])");
});

test("a status that was declared an answer is one", async () => {
  reply = { status: 503, body: {} };
  expect((await ask({ answers: [503] })).status).toBe(503);
});

test("tells a request that was never sent from one whose answer was lost", async () => {
  server.wire = () => ({ kind: "cut-reply" });
  expect(await failure(ask())).toMatchObject({ name: "VaultNoAnswer", sent: true });
  await server.close();
  transport = { ...transport, connect: () => Promise.reject(new Error("no way there")) };
  expect(await failure(ask())).toMatchObject({ name: "VaultNoAnswer", sent: false });
});

test("half an answer to something that succeeded is no answer", async () => {
  reply = { status: 200, body: "x" as unknown as object };
  server.wire = () => null;
  await expect(ask()).resolves.toMatchObject({ body: "x" });
});

test("gives up in time when nothing comes", async () => {
  server.wire = () => ({ kind: "hang" });
  const error = await failure(ask({ signal: AbortSignal.timeout(200) }));
  expect(error).toBeInstanceOf(VaultNoAnswer);
  expect(String(error)).toContain("time is up");
});

test("takes long strings out of a text and leaves short ones", () => {
  expect(withoutSecrets("key abcdefgh of true", ["abcdefgh", "true"])).toBe("key [removed] of true");
});
