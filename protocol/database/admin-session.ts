/** The admin login at work inside a database where others may create functions, operators and types. */
import { type Client, DatabaseError, escapeIdentifier } from "pg";
import { connectKube } from "../../kube/kube-client.ts";
import { inPostgres } from "./postgres-session.ts";
import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { PostgresTarget } from "./postgres-target.ts";

/** How a resource that works inside a database gets there. */
export interface PostgresAdminInputs extends SerializedProvider {
  /** Way to the server for the admin login. */
  readonly postgres: PostgresTarget;
  readonly adminUsername: string;
  /** Secret. */
  readonly adminPassword: string;
  readonly database: string;
}

/** How often a change is tried that meets another one on the same catalog row. */
const attempts = 10;

/** Error code of a statement that waited too long for a lock. */
const lockTimeout = "55P03";

/**
 * How often one that waits for a lock is tried: together longer than the server keeps the locks of a process that
 * vanished.
 */
const attemptsAtLock = 3;

/** Works as the admin login in the database of the inputs, or in another one. */
export async function asAdmin<T>(
  { postgres, adminUsername: username, adminPassword: password, database }: PostgresAdminInputs,
  work: (client: Client) => Promise<T>,
  other = database,
): Promise<T> {
  const kube = postgres.kind === "pod" ? await connectKube(postgres.kubeContext) : null;
  return inPostgres(kube, postgres, { username, password, database: other }, work);
}

/**
 * All of the work happens or none of it. It is repeated because two runs that change the same catalog row do not queue
 * up by themselves. When a process vanishes without a word, as with its machine, the server releases its locks.
 */
export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    await client.query("BEGIN");
    try {
      await client.query("SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'");
      const result = await work();
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await client.query("ROLLBACK");
      const met = error instanceof DatabaseError && error.message.includes("concurrently");
      const isLocked = error instanceof DatabaseError && error.code === lockTimeout;
      if (isLocked && attempt >= attemptsAtLock) {
        const hint = "another session holds what is to be changed; see which in pg_locks, end it and run `up` again";
        throw new Error(`${error.message}: ${hint}`, { cause: error });
      }
      if (!(met || isLocked) || attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
    }
  }
}

/** Version of the server as one number, and whether the login of this session is a superuser. */
export async function serverOf(client: Client): Promise<{ readonly version: number; readonly superuser: boolean }> {
  const { rows } = await client.query<{ version: number; superuser: boolean }>(
    `SELECT current_setting('server_version_num')::int AS "version",
            (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS "superuser"`,
  );
  const [found] = rows;
  if (found === undefined) throw new Error("the server did not say what it is");
  return found;
}

/**
 * Acts as other roles in a transaction. A superuser may do so anyway; anybody else, who made the roles, becomes their
 * member until the work is done.
 */
export async function actingAs(client: Client, roles: readonly string[], work: () => Promise<void>): Promise<void> {
  const { superuser } = await serverOf(client);
  const { rows } = await client.query<{ rolname: string }>(
    "SELECT rolname::text FROM pg_roles WHERE rolname = ANY($1::text[]) AND NOT pg_has_role(current_user, oid, 'USAGE')",
    [roles],
  );
  const joined = superuser ? "" : rows.map(({ rolname }) => escapeIdentifier(rolname)).join(", ");
  if (joined !== "") await client.query(`GRANT ${joined} TO CURRENT_USER`);
  await work();
  await client.query("RESET ROLE");
  if (joined !== "") await client.query(`REVOKE ${joined} FROM CURRENT_USER`);
}

/** Runs statements in a transaction, each as its role; in one message, since there may be hundreds. */
export async function actingOut(
  client: Client,
  statements: readonly { readonly as: string; readonly text: string }[],
): Promise<void> {
  const roles = [...new Set(statements.map(({ as }) => as))];
  const texts = statements.map(({ as, text }) => `SET LOCAL ROLE ${escapeIdentifier(as)}; ${text}`);
  await actingAs(client, roles, async () => {
    await client.query(texts.join("; "));
  });
}

/** Whether a role may do more than belong to others: the column "powers" of a query of `pg_roles`. */
export const powersOfRole = "rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls";

/**
 * Says what a person should know about a run that succeeds: the engine shows what a dynamic provider writes to stderr.
 */
export function warn(subject: string, texts: readonly string[]): void {
  if (texts.length > 0) process.stderr.write(texts.map((text) => `warning: ${subject}: ${text}\n`).join(""));
}
