import { randomBytes } from "node:crypto";
import { Client, escapeLiteral } from "pg";
import type { EngineRequest } from "./fake-database-engine.ts";
import type { LocalPostgres } from "./local-postgres.ts";
import type { Reply } from "./wire.ts";

/** A connection of a database engine to a real Postgres, as Vault keeps it: it logs in by the password it knows. */
export class FakeConnection {
  /** Every password that it ever had. */
  readonly passwords: string[] = [];
  readonly #server: LocalPostgres;
  readonly #login: string;
  #details: Readonly<Record<string, unknown>> = {};
  #password: string;

  constructor(server: LocalPostgres, login: string, password: string) {
    this.#server = server;
    this.#login = login;
    this.#password = password;
    this.passwords.push(password);
  }

  /** Null when it can log in, else what the server says. */
  async refusal(): Promise<string | null> {
    return this.#inside(() => Promise.resolve());
  }

  /** The answer to a request, or null when it is none of its business. */
  async answer({ method, path, body }: EngineRequest): Promise<Reply | null> {
    if (path === "demo-db/config/postgres" && method === "GET") {
      return { status: 200, body: { data: { connection_details: this.#details } } };
    }
    if (path === "demo-db/config/postgres") {
      const { password, ...details } = body;
      this.#details = { ...this.#details, ...details };
      if (typeof password === "string") this.#keep(password);
      return { status: 204 };
    }
    if (path !== "demo-db/rotate-root/postgres") return null;
    const password = randomBytes(24).toString("base64url");
    const refusal = await this.#inside(async (client) => {
      await client.query(`ALTER ROLE "${this.#login}" PASSWORD ${escapeLiteral(password)}`);
    });
    if (refusal !== null) return { status: 500, body: { errors: [refusal] } };
    this.#keep(password);
    return { status: 204 };
  }

  #keep(password: string): void {
    this.#password = password;
    this.passwords.push(password);
  }

  async #inside(work: (client: Client) => Promise<void>): Promise<string | null> {
    const { port } = this.#server;
    const login = { user: this.#login, password: this.#password, database: "postgres" };
    const client = new Client({ host: "127.0.0.1", port, ...login });
    try {
      await client.connect();
      await work(client);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : "unknown fault";
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
