import { checkServerIdentity } from "node:tls";
import { Client } from "pg";
import { z } from "zod";
import type { DevStack } from "./dev-stack.ts";

/** Who connects. */
export interface PostgresLogin {
  readonly username: string;
  readonly password: string;
}

/** How a test reaches a server; without a certificate it speaks in plain text. */
export interface PostgresPlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: { readonly serverName: string; readonly ca: string } | null;
}

const outputs = z.object({ databaseHost: z.string(), databaseName: z.string(), databaseCaCertificate: z.string() });
const generated = z.object({ result: z.object({ plaintext: z.string() }) });

/** The database of a dev stack, by the address of its Service, which this machine reaches as a node of the cluster. */
export async function databaseOf(dev: DevStack): Promise<PostgresPlace> {
  const { databaseHost, databaseName, databaseCaCertificate: ca } = outputs.parse(await dev.stack.outputs());
  const service = ["-n", dev.postgresNamespace, "get", "service", "postgres", "-o", "jsonpath={.spec.clusterIP}"];
  const tls = { serverName: databaseHost, ca };
  return { host: await dev.stack.kubectl(...service), port: 5432, database: databaseName, tls };
}

/** The superuser, the way the owner of the stack would find the password. */
export async function superuserOf(dev: DevStack): Promise<PostgresLogin> {
  const { result } = generated.parse(await dev.stack.secretOutputsOf("random:index/randomPassword:RandomPassword"));
  return { username: "postgres", password: z.string().parse(JSON.parse(result.plaintext)) };
}

/** A connection that stays open until it is ended. Fails when the server refuses the login. */
export async function connectTo(place: PostgresPlace, { username, password }: PostgresLogin): Promise<Client> {
  const { host, port, database, tls } = place;
  const identity = (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
    checkServerIdentity(tls?.serverName ?? host, certificate);
  const ssl = tls === null ? false : { ca: tls.ca, checkServerIdentity: identity };
  const client = new Client({ host, port, database, user: username, password, ssl, connectionTimeoutMillis: 10_000 });
  // A server that goes away must not end the test run; the next query fails.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** The rows of one query on a connection of its own. */
export async function query(
  place: PostgresPlace,
  login: PostgresLogin,
  text: string,
): Promise<Record<string, unknown>[]> {
  const client = await connectTo(place, login);
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Names of the logins that Vault has made and not taken away. */
export async function issuedLogins(place: PostgresPlace, superuser: PostgresLogin): Promise<string[]> {
  const rows = await query(place, superuser, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%' ORDER BY 1");
  return rows.map(({ rolname }) => z.string().parse(rolname));
}
