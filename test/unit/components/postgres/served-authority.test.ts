import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { takes } from "../../../../components/postgres/served-authority.ts";
import { inPostgres } from "../../../../protocol/database/postgres-session.ts";
import { databaseAccount, type LocalPostgres, startPostgres } from "../../../support/local-postgres.ts";
import { makeTlsPair, type TlsPair } from "../../../support/tls-pair.ts";

/**
 * Over a real Postgres with TLS. What an engine does with an authority that is not known yet is seen in a live test.
 */

const serverName = "postgres.test";
let served: TlsPair;
let folder: string;
let server: LocalPostgres;

beforeAll(async () => {
  served = await makeTlsPair([serverName]);
  folder = mkdtempSync(join(tmpdir(), "served-authority-"));
  chownSync(folder, databaseAccount.uid, databaseAccount.gid);
  const files = { certificate: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  for (const part of ["certificate", "key"] as const) {
    writeFileSync(files[part], served[part], { mode: 0o600 });
    chownSync(files[part], databaseAccount.uid, databaseAccount.gid);
  }
  server = await startPostgres("ssl=on", `ssl_cert_file=${files.certificate}`, `ssl_key_file=${files.key}`);
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function asked(change: { authority?: string; password?: string; port?: number }): Promise<boolean> {
  const { authority = served.certificate, password = server.password, port = server.port } = change;
  const target = { kind: "address", host: "127.0.0.1", port, tls: { serverName, caCertificate: authority } } as const;
  const login = { username: "postgres", password, database: "postgres" };
  return takes(() => inPostgres(null, target, login, () => Promise.resolve()));
}

test("a server that is who the state says is asked at once", async () => {
  expect(await asked({})).toBe(true);
});

test("a server that still has another certificate is not asked", async () => {
  expect(await asked({ authority: (await makeTlsPair([serverName])).certificate })).toBe(false);
});

test("a server that still has another password is not asked", async () => {
  expect(await asked({ password: "the-one-it-will-have" })).toBe(false);
});

test("a server that does not answer is not asked", async () => {
  expect(await asked({ port: 1 })).toBe(false);
});
