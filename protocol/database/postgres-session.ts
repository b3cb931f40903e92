import type { Socket } from "node:net";
import { checkServerIdentity } from "node:tls";
import { Client, DatabaseError } from "pg";
import type { KubeApi } from "../../kube/kube-client.ts";
import { openPodStream } from "../../kube/pod-stream.ts";
import type { PostgresTarget } from "./postgres-target.ts";
import { hostAndPort } from "../../shared/host.ts";
import { verified } from "../../shared/verified-tls.ts";

/** Who connects to which database. */
export interface PostgresLogin {
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

const connectMs = 15_000;

/** A server that cannot be reached, or refuses. */
export class PostgresFailure extends Error {}

/**
 * Works on one connection to a server, which is closed afterwards.
 *
 * @param kube reaches a pod; an address needs none.
 * @throws when the server cannot be reached or refuses, in its own words, which hold no statement.
 */
export async function inPostgres<T>(
  kube: KubeApi | null,
  target: PostgresTarget,
  login: PostgresLogin,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const where = target.kind === "pod" ? `pod ${target.namespace}/${target.pod}` : hostAndPort(target.host, target.port);
  let client: Client | undefined;
  try {
    client = new Client({
      ...(await way(kube, target)),
      user: login.username,
      password: login.password,
      database: login.database,
      ssl: target.tls === null ? false : serverTls(target.tls.serverName, target.tls.caCertificate),
      connectionTimeoutMillis: connectMs,
      query_timeout: connectMs,
    });
    // A connection that breaks is noticed by the next statement.
    client.on("error", () => undefined);
    await client.connect();
    // Others may have made functions, operators and types with the names used here: this way none of theirs is found.
    await client.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog', false)");
    return await work(client);
  } catch (error) {
    throw new PostgresFailure(`Postgres at ${where}: ${reasonOf(error)}`, { cause: error });
  } finally {
    await client?.end().catch(() => undefined);
  }
}

async function way(kube: KubeApi | null, target: PostgresTarget) {
  if (target.kind === "address") return { host: target.host, port: target.port };
  if (kube === null) throw new Error("a pod is reached through the Kubernetes API");
  const { namespace, pod, port } = target;
  const stream = await openPodStream(kube, { namespace, pod, port });
  // The client opens its connection itself; this one is open already, and is not a socket.
  const connected = Object.assign(stream, {
    connect: () => {
      process.nextTick(() => stream.emit("connect"));
    },
    setNoDelay: () => stream,
    setKeepAlive: () => stream,
    ref: () => stream,
    unref: () => stream,
  });
  return { host: target.tls?.serverName ?? pod, stream: () => connected as unknown as Socket };
}

function serverTls(serverName: string, ca: string) {
  return verified({
    ca,
    checkServerIdentity: (_name: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(serverName, certificate),
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseError) return `${error.message} (${error.code ?? "no code"})`;
  return error instanceof Error ? error.message : "unknown fault";
}
