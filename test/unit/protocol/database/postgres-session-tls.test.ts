/**
 * Whom a session believes that it is Postgres. A server of this test that says yes to TLS, and no more, stands for one.
 */
import { createServer, type AddressInfo } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import { inPostgres } from "../../../../protocol/database/postgres-session.ts";
import { makeTlsPair } from "../../../support/tls-pair.ts";

const serverName = "postgres.vault.svc";

/** What a session with a server of one certificate ends by, and what the server was told. */
async function session(names: readonly string[], trusted: "itself" | "another") {
  const own = await makeTlsPair(names);
  const told: Buffer[] = [];
  const server = createServer((plain) => {
    plain.on("error", () => plain.destroy());
    plain.once("data", () => {
      plain.write("S");
      const secureContext = createSecureContext({ cert: own.certificate, key: own.key });
      const socket = new TLSSocket(plain, { isServer: true, secureContext });
      socket.on("error", () => socket.destroy());
      socket.on("data", (data: Buffer) => {
        told.push(data);
        socket.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const caCertificate = (trusted === "itself" ? own : await makeTlsPair(names)).certificate;
  const { port } = server.address() as AddressInfo;
  const target = { kind: "address", host: "127.0.0.1", port, tls: { serverName, caCertificate } } as const;
  const login = { username: "admin", password: "hunter2", database: "app" };
  const failure = await inPostgres(null, target, login, () => Promise.resolve("")).catch(String);
  return { failure, told: Buffer.concat(told).toString() };
}

test("the server that is trusted, by its name, is told who logs in", async () => {
  expect((await session([serverName], "itself")).told).toContain("admin");
});

test.each([
  ["of another authority", [serverName], "another"],
  ["by another name", ["elsewhere.test"], "itself"],
] as const)("one %s is told nothing, even while NODE_TLS_REJECT_UNAUTHORIZED is 0 (S6)", async (_, names, trusted) => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { failure, told } = await session(names, trusted);
  expect(failure).toMatch(/certificate/);
  expect(told).toBe("");
});
