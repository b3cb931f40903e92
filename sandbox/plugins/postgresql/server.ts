import { readFileSync } from "node:fs";
import { checkServerIdentity } from "node:tls";
import { Client, DatabaseError, type ClientConfig } from "pg";
import { PluginError, errorText } from "../shared/errors.ts";
import type { Json } from "../shared/property.ts";
import type { ServerSettings } from "./settings.ts";

/** A row of an answer. */
export type Row = Readonly<Record<string, Json>>;

/** Statements on one connection. */
export interface Connection {
  /** The rows of a query with values. */
  query(text: string, values?: readonly Json[]): Promise<Row[]>;
}

/**
 * A database server as the plugin's own login sees it. Each operation has a connection of its own, closed afterwards.
 */
export class Server {
  readonly #settings: ServerSettings;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  /** Whether the login may look at what only a superuser sees. */
  get superuser(): boolean {
    return this.#settings.superuser;
  }

  /** The login. */
  get username(): string {
    return this.#settings.username;
  }

  /** Works on a connection, statement by statement. */
  async connected<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const { host, port } = this.#settings;
    const client = new Client(clientConfig(this.#settings));
    // One that breaks while it is idle is noticed by the next statement.
    client.on("error", () => undefined);
    try {
      await client.connect();
    } catch (error) {
      throw new PluginError(
        `server: must accept a connection at ${host}:${port}, got ${refusal(error)}; check that it runs and that the login is right`,
      );
    }
    try {
      return await work({ query: async (text, values = []) => (await client.query<Row>(text, [...values])).rows });
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      throw new PluginError(`server: must accept the change, got ${refusal(error)}; correct the resource's properties`);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Works in a transaction: all of it happens or nothing. */
  async inTransaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.connected(async (connection) => {
      await connection.query("BEGIN");
      const result = await work(connection);
      await connection.query("COMMIT");
      return result;
    });
  }
}

/** The server's own words; its details may quote a statement, and a statement may hold a password. */
function refusal(error: unknown): string {
  return error instanceof DatabaseError ? `"${error.message}" (${error.code ?? "no code"})` : errorText(error);
}

function clientConfig(settings: ServerSettings): ClientConfig {
  const { host, port, database, username: user, sslRootCertificate } = settings;
  const ssl = {
    ...(sslRootCertificate === undefined ? {} : { ca: readFileSync(sslRootCertificate) }),
    // The name of the address, not of the loopback stream it goes through.
    checkServerIdentity: (_name: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(host, certificate),
  };
  return {
    host,
    port,
    database,
    user,
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ssl: settings.sslMode === "disable" ? false : ssl,
    connectionTimeoutMillis: settings.connectTimeoutSeconds * 1_000,
  };
}
