import { Client } from "pg";
import { renderLoginStatements } from "../../components/engines/database/login-statements.ts";
import type { PostgresGrant } from "../../protocol/database/logins/postgres-grant.ts";
import * as bounds from "../../protocol/database/logins/login-bounds-resource.ts";
import * as makers from "../../protocol/database/logins/login-makers-resource.ts";
import * as group from "../../protocol/database/logins/login-group-resource.ts";
import * as remains from "../../protocol/database/remains-role-resource.ts";
import type { LoginGroupInputs } from "../../protocol/database/logins/login-group-resource.ts";
import type { PostgresAdminInputs } from "../../protocol/database/admin-session.ts";
import { roleGrants } from "../../stacks/database.ts";
import { startPostgres, type LocalPostgres } from "./local-postgres.ts";

/** A login as Vault hands it out. */
export interface IssuedLogin {
  readonly role: RoleName;
  readonly name: string;
}

/** A role of the stacks as shipped. */
export type RoleName = keyof typeof roleGrants;

const password = "password-of-a-login";

/**
 * Whose server it is: the stack's, somebody's who gives the superuser, or one whose admin may only make roles and
 * databases.
 */
export type ServerKind = "own" | "existing" | "managed";

/** Admin login of each kind. */
const admins = { own: "postgres", existing: "postgres", managed: "rds_admin" } as const;

/**
 * A database with the roles of the stacks as shipped, on a Postgres of this machine, and a stand-in of Vault, which
 * runs the SQL of the product as Vault's plugin does: each list in one transaction, as Vault's own login.
 */
export class LoginDatabase {
  readonly server: LocalPostgres;
  readonly admin: Client;
  readonly #kind: ServerKind;
  readonly #vault: Client;
  #issued = 0;

  private constructor(kind: ServerKind, server: LocalPostgres, admin: Client, vault: Client) {
    this.#kind = kind;
    this.server = server;
    this.admin = admin;
    this.#vault = vault;
  }

  /** Makes it, with what `up` makes inside. */
  static async start(kind: ServerKind, ...settings: readonly string[]): Promise<LoginDatabase> {
    const server = await startPostgres(...settings);
    const at = { host: "127.0.0.1", port: server.port, password: server.password };
    const superuser = new Client({ ...at, user: "postgres", database: "postgres" });
    await superuser.connect();
    if (kind === "managed") {
      await superuser.query(`CREATE ROLE ${admins[kind]} LOGIN CREATEDB CREATEROLE PASSWORD '${server.password}'`);
    }
    await superuser.end();
    const first = new Client({ ...at, user: admins[kind], database: "postgres" });
    await first.connect();
    await first.query("CREATE ROLE mydb_owner; CREATE ROLE vault LOGIN CREATEROLE PASSWORD 'vault'");
    // As the provider does: only a member may make a database of another owner.
    await first.query("GRANT mydb_owner TO vault, CURRENT_USER");
    await first.query("CREATE DATABASE mydb OWNER mydb_owner");
    await first.query("REVOKE mydb_owner FROM CURRENT_USER");
    await first.end();
    const admin = new Client({ ...at, user: "postgres", database: "mydb" });
    await admin.connect();
    const vault = new Client({
      ...at,
      user: "vault",
      password: "vault",
      database: "mydb",
      options: "-c search_path=pg_catalog",
    });
    vault.on("error", () => undefined);
    await vault.connect();
    const database = new LoginDatabase(kind, server, admin, vault);
    await remains.create(database.remainsInputs());
    await bounds.create(database.boundsInputs());
    await makers.create(database.makersInputs());
    for (const role of Object.keys(roleGrants) as RoleName[]) await group.create(database.groupInputs(role));
    return database;
  }

  #way(): PostgresAdminInputs {
    return {
      postgres: { kind: "address", host: "127.0.0.1", port: this.server.port, tls: null },
      adminUsername: admins[this.#kind],
      adminPassword: this.server.password,
      database: "mydb",
    };
  }

  /** What the resource of a role's group is given. */
  groupInputs(role: RoleName, grants: readonly PostgresGrant[] = roleGrants[role]): LoginGroupInputs {
    const parties = { group: `vault-${role}`, owner: "mydb_owner", remains: "mydb_remains" };
    return { ...this.#way(), ...parties, login: "vault", grants, protocolVersion: 1 };
  }

  /** What the resource of the role is given that gets what ended logins leave. */
  remainsInputs() {
    return { ...this.#way(), database: "postgres", remains: "mydb_remains", protocolVersion: 1 };
  }

  /** What the resource of the bounds is given. */
  boundsInputs(kind: ServerKind = this.#kind) {
    return { ...this.#way(), login: "vault", own: kind === "own", protocolVersion: 1 };
  }

  /** What the resource of the makers is given. */
  makersInputs() {
    return { ...this.#way(), login: "vault", owner: "mydb_owner", protocolVersion: 1 };
  }

  /** Makes a login; Vault's name of one begins with what its reader is called. */
  async issue(role: RoleName, reader = "test"): Promise<IssuedLogin> {
    this.#issued += 1;
    const login = { role, name: `v-${reader}-${role.slice(0, 8)}-${this.#issued}` };
    await this.#run(login, "creation");
    return login;
  }

  /** Makes a login as Vault's login did by itself, before there were others that make them. */
  async issueOfBefore(role: RoleName): Promise<IssuedLogin> {
    this.#issued += 1;
    const login = { role, name: `v-before-${role.slice(0, 8)}-${this.#issued}` };
    await this.admin.query(`GRANT "vault-${role}" TO vault WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    await this.asVault(`CREATE ROLE "${login.name}" LOGIN INHERIT PASSWORD '${password}'`);
    await this.asVault(`GRANT "vault-${role}" TO "${login.name}" WITH INHERIT TRUE, SET FALSE`);
    return login;
  }

  /** What one statement of Vault's own login gives, whoever has that. */
  async asVault(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#vault.query<Record<string, unknown>>(text, [...values])).rows;
  }

  /** Takes a login away. */
  async revoke(login: IssuedLogin): Promise<void> {
    await this.#run(login, "revocation");
  }

  /** Moves the end of a login. */
  async renew(login: IssuedLogin): Promise<void> {
    await this.#run(login, "renewal");
  }

  async #run({ role, name }: IssuedLogin, list: "creation" | "renewal" | "revocation"): Promise<void> {
    const statements = renderLoginStatements(this.groupInputs(role))[list];
    await this.#vault.query("BEGIN");
    try {
      for (const statement of statements) {
        const filled = statement
          .replaceAll("{{name}}", () => name)
          .replaceAll("{{password}}", password)
          .replaceAll("{{expiration}}", "2099-01-01 00:00:00+0000");
        await this.#vault.query(filled);
      }
      await this.#vault.query("COMMIT");
    } catch (error) {
      await this.#vault.query("ROLLBACK");
      throw error;
    }
  }

  /** The process that serves Vault's session. */
  async vaultSession(): Promise<number> {
    const [found] = await this.asVault("SELECT pg_backend_pid() AS pid");
    return Number(found?.["pid"]);
  }

  /** A session of a login. */
  async session({ name }: Pick<IssuedLogin, "name">, database = "mydb"): Promise<Client> {
    const at = { host: "127.0.0.1", port: this.server.port };
    const client = new Client({ ...at, user: name, password, database });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** What one statement of a login gives, on a session of its own. */
  async as(login: Pick<IssuedLogin, "name">, text: string, database = "mydb"): Promise<Record<string, unknown>[]> {
    const client = await this.session(login, database);
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Makes something as the owner of the database. */
  async asOwner(text: string): Promise<void> {
    await this.admin.query(`SET ROLE mydb_owner; ${text}; RESET ROLE`);
  }

  /** The names in the first column of a query by the superuser. */
  async names(text: string): Promise<unknown[]> {
    return (await this.admin.query<Record<string, unknown>>(text)).rows.map((row) => Object.values(row)[0]);
  }

  /** What is left of a login: nothing, or a role that nobody can use. */
  async left({ name }: IssuedLogin): Promise<unknown> {
    const { rows } = await this.admin.query<Record<string, unknown>>(
      `SELECT rolcanlogin AS "login", rolpassword IS NULL AS "passwordless",
              EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS "member",
              EXISTS (SELECT FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS "connected"
         FROM pg_authid r WHERE rolname = $1`,
      [name],
    );
    return rows[0] ?? null;
  }

  /** Ends all of it. */
  async stop(): Promise<void> {
    await this.#vault.end();
    await this.admin.end();
    await this.server.stop();
  }
}

/** What is left of a login that owns something out of reach. */
export const closedLogin = { login: false, passwordless: true, member: false, connected: false };
