import { type Client, escapeIdentifier } from "pg";
import * as bounds from "../../protocol/database/logins/login-bounds-resource.ts";
import { holdsLocks, type RequestScenario } from "../support/request-walk.ts";
import {
  openPostgres,
  postgresWorld,
  runOf,
  walkedPostgres,
  type WalkedPostgres,
  wayIn,
} from "./postgres-scenarios.ts";

/**
 * A server of the stack's own is closed to logins, and closed again; one of somebody else is looked at and left as it
 * is.
 */
export async function loginBounds(): Promise<RequestScenario[]> {
  const shared = await walkedPostgres();
  await closeForAll(shared.admin);
  let made = 0;
  const scenario = (name: string, own: boolean, isMade: boolean): RequestScenario => ({
    name,
    open: async (faultCase) => {
      // All of them change who is a member of one role of the server: who holds that needs one that nobody else waits
      // for.
      const isAlone = faultCase !== null && holdsLocks(faultCase);
      const postgres = isAlone ? await opened() : shared;
      const { admin, server } = postgres;
      const [database, login] = [`walk${++made}`, `walk${made}vault`];
      await admin.query(`CREATE ROLE ${escapeIdentifier(login)} LOGIN CREATEROLE`);
      await admin.query(`CREATE DATABASE ${escapeIdentifier(database)}`);
      const { world, relay } = await postgresWorld(postgres);
      const inputs = { ...wayIn(postgres, relay, "postgres", database), login, own, protocolVersion: 1 };
      const wanted = own ? "{postgres=CTc/postgres}, reserved" : "open";
      const close = async (): Promise<void> => {
        await world.close();
        await admin.query(`DROP DATABASE ${escapeIdentifier(database)} WITH (FORCE)`);
        if (isAlone) await postgres.stop();
      };
      const unless = async (...expected: readonly string[]): Promise<string[]> => {
        const found = await accessTo(admin, database, login);
        return expected.includes(found) ? [] : [`${database} is ${found}`];
      };
      return {
        world: { ...world, close },
        relay,
        run: runOf(bounds, inputs, isMade ? inputs : null),
        harmBetween: () => unless(wanted, "open"),
        harm: () => unless(wanted),
        secrets: () => [server.password],
      };
    },
  });
  return [
    scenario("a server of the stack's own is closed to logins", true, false),
    scenario("one that somebody opened is closed again", true, true),
    scenario("a server of somebody else is looked at", false, false),
  ];
}

async function opened(): Promise<WalkedPostgres> {
  const postgres = await openPostgres();
  await closeForAll(postgres.admin);
  return postgres;
}

/** What the cases share is closed before any of them begins. */
async function closeForAll(admin: Client): Promise<void> {
  for (const name of ["postgres", "template1"]) {
    await admin.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
  }
}

/** Who may enter a database, and whether a place is kept for Vault's login. */
async function accessTo(admin: Client, database: string, login: string): Promise<string> {
  const { rows } = await admin.query<{ acl: string | null; reserved: boolean }>(
    `SELECT d.datacl::text AS "acl", pg_has_role($2, 'pg_use_reserved_connections', 'USAGE') AS "reserved"
       FROM pg_database d WHERE d.datname = $1`,
    [database, login],
  );
  return rows.map(({ acl, reserved }) => `${acl ?? "open"}${reserved ? ", reserved" : ""}`).join();
}
