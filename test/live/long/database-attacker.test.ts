/**
 * Who has a login of a role as shipped, from a real Vault, tries to keep it after its revocation, to get more, and to
 * stop others, in the dev stack's own Postgres. They do not prove anything about a server of somebody else, which
 * existing-postgres.test.ts asks.
 */
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack } from "../../support/dev-stack.ts";
import {
  connectTo,
  databaseOf,
  issuedLogins,
  query,
  superuserOf,
  type PostgresLogin,
  type PostgresPlace,
} from "../../support/postgres-client.ts";
import { issueLogin, revokeLogin, type VaultLogin } from "../../support/vault-login.ts";
import type { VaultClient } from "../../support/vault-client.ts";

const roles = ["dev-postgres", "myapp-db-role"] as const;
type Role = (typeof roles)[number];

/**
 * What a request may take while somebody attacks: more than the slowest step of the statements, less than a lock that
 * is held.
 */
const soon = 10_000;

let dev: DevStack;
let admin: VaultClient;
let place: PostgresPlace;
let superuser: PostgresLogin;

beforeAll(async () => {
  dev = await DevStack.create("lp-attack", { vault: 30387, webApp: 30388 });
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
  [admin, place, superuser] = [await dev.admin(), await databaseOf(dev), await superuserOf(dev)];
  await query(
    place,
    superuser,
    "SET ROLE mydb_owner; CREATE TABLE public.orders(id serial PRIMARY KEY, x text); CREATE SCHEMA private; " +
      "CREATE TABLE private.payroll(salary int); INSERT INTO private.payroll VALUES (4711)",
  );
});

afterAll(async () => {
  await dev.remove();
});

async function issue(role: Role): Promise<VaultLogin> {
  return issueLogin(admin, role);
}

async function revoke(login: VaultLogin): Promise<void> {
  await revokeLogin(admin, login);
}

async function as(login: VaultLogin, text: string): Promise<Record<string, unknown>[]> {
  return query(place, login.data, text);
}

async function bySuperuser(text: string): Promise<Record<string, unknown>[]> {
  return query(place, superuser, text);
}

/** What is left of a login: nothing, or a role that nobody can use. */
async function left({ data }: VaultLogin): Promise<unknown> {
  const [found] = await bySuperuser(
    `SELECT rolcanlogin AS login, rolpassword IS NULL AS passwordless,
            EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS member,
            EXISTS (SELECT FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS connected
       FROM pg_authid r WHERE rolname = '${data.username}'`,
  );
  return found ?? null;
}

const closed = { login: false, passwordless: true, member: false, connected: false };

/** Vault's own list of the leases of a role. */
async function leases(role: Role): Promise<string[]> {
  const path = `sys/leases/lookup/demo-db/creds/${role}?list=true`;
  const found = z.object({ data: z.object({ keys: z.array(z.string()) }) });
  return (await admin.status("GET", path)) === 404 ? [] : found.parse(await admin.request("GET", path)).data.keys;
}

/** How long something takes, in milliseconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Vault's answer to another one while something is held; and to the revocation of who holds it. */
async function stopsNobody(holder: VaultLogin): Promise<void> {
  const others = await timed(async () => {
    for (const role of roles) await revoke(await issue(role));
  });
  expect(others).toBeLessThan(soon);
  expect(await timed(() => revoke(holder))).toBeLessThan(soon);
  expect(await left(holder)).toBeNull();
}

describe.each(roles)("a login of %s that wants to stay", (role) => {
  test("reconnects in a loop and changes its password each time: is shut out", async () => {
    const login = await issue(role);
    const sessions: Client[] = [];
    let stopped = false;
    const loop = async (): Promise<void> => {
      while (!stopped) {
        const session = await connectTo(place, login.data).catch(() => null);
        if (session === null) continue;
        sessions.push(session);
        await session.query(`ALTER ROLE CURRENT_USER PASSWORD '${login.data.password}'`).catch(() => undefined);
      }
    };
    const loops = Array.from({ length: 4 }, loop);
    await expect.poll(() => sessions.length).toBeGreaterThan(4);
    await revoke(login).finally(() => {
      stopped = true;
    });
    await Promise.all(loops);
    for (const session of sessions) await expect(session.query("SELECT 1")).rejects.toThrow();
    await expect(connectTo(place, login.data)).rejects.toThrow("password authentication failed");
    expect(await left(login)).toBeNull();
  });

  test("holds an open change of its own password: is gone", async () => {
    const login = await issue(role);
    const session = await connectTo(place, login.data);
    await session.query("BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'");
    await stopsNobody(login);
    await expect(session.query("SELECT 1")).rejects.toThrow();
  });

  test.each(["postgres", "template1"])("connects to %s: is refused", async (database) => {
    const login = await issue(role);
    await expect(connectTo({ ...place, database }, login.data)).rejects.toThrow(/rejects connection|permission denied/);
    await revoke(login);
  });

  test("leaves more objects than are moved at once: is closed, its lease is gone, and up removes what is left", async () => {
    const login = await issue(role);
    await as(login, "SELECT count(lo_create(0)) FROM generate_series(1, 2000)");
    expect(await timed(() => revoke(login))).toBeLessThan(soon);
    expect(await left(login)).toEqual(closed);
    await expect(connectTo(place, login.data)).rejects.toThrow("password authentication failed");
    expect(await leases(role)).not.toContain(login.lease_id.split("/").at(-1));
    const preview = await dev.stack.preview();
    expect(preview.output).toContain(`ended login ${login.data.username} is closed and its role stays`);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await left(login)).toBeNull();
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });
});

describe.each(roles)("a login of %s that wants more", (role) => {
  test.each([
    `SET ROLE "vault-${role}"`,
    "SET ROLE mydb_owner",
    "SET ROLE mydb_remains",
    "SET ROLE vault",
    'SET ROLE "mydb-migrator"',
    "CREATE ROLE another LOGIN",
    "ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "ALTER ROLE vault PASSWORD 'mine'",
    `GRANT "vault-${role}" TO CURRENT_USER`,
    `ALTER ROLE "vault-${role}" SET search_path = public`,
    "ALTER DATABASE mydb SET search_path = public",
    "SELECT * FROM private.payroll",
    "SELECT rolpassword FROM pg_authid",
    "DROP TABLE public.orders",
    "ALTER TABLE public.orders OWNER TO CURRENT_USER",
    "CREATE TRIGGER t BEFORE INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "ALTER DEFAULT PRIVILEGES FOR ROLE mydb_owner GRANT ALL ON TABLES TO PUBLIC",
    "CREATE SUBSCRIPTION s CONNECTION 'host=localhost' PUBLICATION p",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vault'",
  ])("may not: %s", async (statement) => {
    const login = await issue(role);
    await expect(as(login, statement)).rejects.toThrow(/denied|must be|[Oo]nly roles|cannot be|permission/);
    await revoke(login);
  });

  test("uses the owner's tables and sequences, which it may, and gets no right on what a person keeps beside them", async () => {
    await bySuperuser("CREATE TABLE public.dba_notes(i int)");
    const login = await issue(role);
    await as(login, "INSERT INTO public.orders(x) VALUES ('a')");
    await expect(as(login, "SELECT * FROM public.dba_notes")).rejects.toThrow("permission denied");
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toContain("on table public.dba_notes is left out, because it belongs to postgres");
    await revoke(login);
    await bySuperuser("DROP TABLE public.dba_notes");
  });
});

describe("a login that may make things and wants to act as another", () => {
  test("lays functions and operators of names that Vault's statements use: none of them runs as Vault, or in an up", async () => {
    const login = await issue("dev-postgres");
    await as(login, "CREATE TABLE public.ran_as(who text, what text); GRANT ALL ON public.ran_as TO PUBLIC");
    const traps = [
      "hashtextextended(text, integer) RETURNS bigint",
      "set_config(text, text, boolean) RETURNS text",
      "current_setting(text) RETURNS text",
      "pg_sleep(numeric) RETURNS integer",
      "pg_terminate_backend(integer) RETURNS boolean",
      "concat_ws(text, text, text, text) RETURNS text",
      "format(text, text, text) RETURNS text",
      "quote_ident(name) RETURNS text",
      "count(bigint) RETURNS bigint",
      "same_name(name, text) RETURNS boolean",
      "joined_text(text, text) RETURNS text",
    ];
    for (const trap of traps) {
      const name = trap.split("(")[0] ?? "";
      const noted = `INSERT INTO public.ran_as VALUES (current_user, '${name}'); CREATE ROLE backdoor LOGIN CREATEROLE;`;
      const body = `BEGIN ${noted} RETURN NULL; EXCEPTION WHEN OTHERS THEN RETURN NULL; END`;
      await as(login, `CREATE FUNCTION public.${trap} LANGUAGE plpgsql AS $$ ${body} $$`);
    }
    await as(login, "CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.same_name)");
    await as(login, "CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.joined_text)");
    const other = await issue("dev-postgres");
    await as(other, "CREATE TABLE public.of_other(x int); SELECT lo_create(0)");
    await admin.request("PUT", "sys/leases/renew", { lease_id: other.lease_id, increment: 900 });
    await revoke(other);
    await revoke(await issue("myapp-db-role"));
    const up = await dev.stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    await revoke(login);
    expect(await left(login)).toBeNull();
    expect(await bySuperuser("SELECT * FROM public.ran_as WHERE who <> 'postgres'")).toEqual([]);
    expect(await bySuperuser("SELECT rolname FROM pg_roles WHERE rolname = 'backdoor'")).toEqual([]);
    await bySuperuser("SET search_path = pg_catalog; DROP OWNED BY mydb_remains CASCADE");
  });

  test("leaves a function and a view that act as their owner: they give the next login nothing", async () => {
    const login = await issue("dev-postgres");
    await as(
      login,
      "CREATE FUNCTION public.run_it(q text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $f$ DECLARE r text; " +
        "BEGIN EXECUTE q INTO r; RETURN r; END $f$; CREATE VIEW public.seen AS SELECT * FROM public.orders",
    );
    await revoke(login);
    expect(await left(login)).toBeNull();
    const owner = "SELECT proowner::regrole::text AS owner FROM pg_proc WHERE proname = 'run_it'";
    expect(await bySuperuser(owner)).toEqual([{ owner: "mydb_remains" }]);
    const next = await issue("myapp-db-role");
    const payroll = "SELECT public.run_it('SELECT salary FROM private.payroll')";
    await expect(as(next, payroll)).rejects.toThrow("permission denied");
    expect(await as(next, "SELECT public.run_it('SELECT current_user') AS who")).toEqual([{ who: next.data.username }]);
    await revoke(next);
  });

  test("is granted things by an accomplice, and grants some: both are gone by their revocation", async () => {
    const [login, accomplice] = [await issue("dev-postgres"), await issue("dev-postgres")];
    await as(
      login,
      `CREATE SCHEMA of_login; CREATE TABLE of_login.t(x int); CREATE PUBLICATION of_login; ` +
        `ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC; ` +
        `GRANT ALL ON SCHEMA of_login TO "${accomplice.data.username}" WITH GRANT OPTION; ` +
        `GRANT ALL ON of_login.t TO "${accomplice.data.username}" WITH GRANT OPTION`,
    );
    await as(
      accomplice,
      "GRANT SELECT ON of_login.t TO PUBLIC; CREATE FUNCTION of_login.g() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    await revoke(login);
    await revoke(accomplice);
    expect([await left(login), await left(accomplice)]).toEqual([null, null]);
  });
});

describe.each(roles)("a login of %s that wants to stop others", (role) => {
  test.each([
    "SELECT pg_advisory_lock(pg_catalog.hashtextextended('vaultstack.grants', 0::bigint))",
    "BEGIN; LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE",
    "BEGIN; LOCK TABLE pg_settings IN ACCESS EXCLUSIVE MODE",
    "BEGIN; SELECT lo_create(0)",
  ])("holds open: %s", async (statement) => {
    const login = await issue(role);
    const session = await connectTo(place, login.data);
    await session.query(statement);
    await stopsNobody(login);
    await expect(session.query("SELECT 1")).rejects.toThrow();
  });

  test("prepares a transaction: the server takes none", async () => {
    const login = await issue(role);
    const prepare = "BEGIN; SELECT lo_create(0); PREPARE TRANSACTION 'kept'";
    await expect(as(login, prepare)).rejects.toThrow("prepared transactions are disabled");
    await revoke(login);
  });

  test("cannot be taken away whole: the revocation of all logins of its role goes on past it", async () => {
    const login = await issue(role);
    await as(login, "SELECT count(lo_create(0)) FROM generate_series(1, 600)");
    const others = [await issue(role), await issue(role), await issue(role)];
    await admin.request("PUT", `sys/leases/revoke-prefix/demo-db/creds/${role}`, { sync: true });
    expect(await left(login)).toEqual(closed);
    for (const other of others) expect(await left(other)).toBeNull();
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await left(login)).toBeNull();
  });
});

describe("hundreds of logins at once", () => {
  const count = 400;

  test("are all issued, add nothing to any access list, and are all gone by one revocation", async () => {
    const lists =
      "SELECT sum(pg_column_size(acl)) AS size FROM (SELECT relacl AS acl FROM pg_class UNION ALL SELECT nspacl FROM pg_namespace " +
      "UNION ALL SELECT datacl FROM pg_database UNION ALL SELECT defaclacl FROM pg_default_acl) a";
    const before = await bySuperuser(lists);
    const open: VaultLogin[] = [];
    const lane = async (): Promise<void> => {
      while (open.length < count) open.push(await issue("myapp-db-role"));
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    expect(await issuedLogins(place, superuser)).toEqual(open.map(({ data }) => data.username).toSorted());
    expect(await bySuperuser(lists)).toEqual(before);
    for (const login of [open[0], open.at(-1)]) {
      if (login !== undefined) await as(login, "INSERT INTO public.orders(x) VALUES ('one of many')");
    }
    await admin.request("PUT", "sys/leases/revoke-prefix/demo-db/creds/myapp-db-role", { sync: true });
    expect(await issuedLogins(place, superuser)).toEqual([]);
  });
});
