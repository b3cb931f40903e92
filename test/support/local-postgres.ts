import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { postgresPackage } from "../../sandbox/images/postgres-files.ts";

const native = join(postgresPackage, "native");
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** Whom the server runs as, since Postgres refuses to run as root; this user owns nothing. */
export const databaseAccount = { uid: 65_534, gid: 65_534 };

/** A Postgres server on this machine, without a cluster and without TLS. */
export interface LocalPostgres {
  readonly port: number;
  /** Password of the superuser `postgres`. */
  readonly password: string;
  stop(): Promise<void>;
}

/** Starts a server on an empty folder, with settings as they are; needs root, as everything on the sandbox does. */
export async function startPostgres(...extra: readonly string[]): Promise<LocalPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "local-postgres-"));
  const password = "superuser-of-the-test";
  const libraries = join(folder, "lib");
  mkdirSync(libraries);
  for (const { source, target } of links.parse(JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")))) {
    symlinkSync(join(native, "lib", basename(source)), join(libraries, basename(target)));
  }
  writeFileSync(join(folder, "password"), password);
  chownSync(folder, databaseAccount.uid, databaseAccount.gid);
  chmodSync(folder, 0o755);
  const options = { ...databaseAccount, cwd: folder, env: { LD_LIBRARY_PATH: `${libraries}:${join(native, "lib")}` } };
  const data = join(folder, "data");
  const init = ["--pgdata", data, "--username=postgres", `--pwfile=${join(folder, "password")}`];
  const quick = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"];
  await promisify(execFile)(join(native, "bin/initdb"), [...init, ...quick], options);
  const port = await freePort();
  const settings = [
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    "fsync=off",
    ...extra,
  ];
  const flags = settings.flatMap((setting) => ["-c", setting]);
  const server = spawn(join(native, "bin/postgres"), ["-D", data, ...flags], { ...options, stdio: "ignore" });
  await ready(server, join(data, "postmaster.pid"));
  return {
    port,
    password,
    stop: async () => {
      server.kill("SIGINT");
      await once(server, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** The server writes into this file how far it is. */
async function ready(server: ChildProcess, file: string): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error("Postgres did not start");
    try {
      if (/^ready\s*$/m.test(readFileSync(file, "utf8"))) return;
    } catch {
      // It is not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
