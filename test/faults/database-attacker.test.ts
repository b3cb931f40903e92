/**
 * Who has a database login of a role as shipped tries to keep it, to get more, and to stop others, on a Postgres of
 * this machine with the SQL and the resources of the product. Vault is a stand-in that runs that SQL;
 * test/live/long/database.test.ts has the real one. They do not prove anything about other versions of Postgres than
 * the one of npm.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as group from "../../protocol/database/logins/login-group-resource.ts";
import * as bounds from "../../protocol/database/logins/login-bounds-resource.ts";
import * as remains from "../../protocol/database/remains-role-resource.ts";
import { closedLogin, LoginDatabase, type RoleName } from "../support/login-database.ts";

const roles: readonly RoleName[] = ["dev-postgres", "myapp-db-role"];

let database: LoginDatabase;

beforeAll(async () => {
  database = await LoginDatabase.start("own", "max_prepared_transactions=5");
  await database.asOwner(
    "CREATE TABLE public.orders(id serial PRIMARY KEY, x text); CREATE SCHEMA private; " +
      "CREATE TABLE private.payroll(salary int); INSERT INTO private.payroll VALUES (4711)",
  );
}, 120_000);

afterAll(async () => {
  await database.stop();
});

/** A table of a name of its own. */
let tables = 0;
function fresh(): string {
  tables += 1;
  return `public.made_${tables}`;
}

describe.each(roles)("a login of %s", (role) => {
  test("may use the owner's tables and sequences of today and of tomorrow", async () => {
    const login = await database.issue(role);
    const later = fresh();
    await database.asOwner(`CREATE TABLE ${later}(id serial, x text)`);
    for (const table of ["public.orders", later]) await database.as(login, `INSERT INTO ${table}(x) VALUES ('a')`);
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
  });

  test("is gone after its revocation, and its session with it", async () => {
    const login = await database.issue(role);
    const session = await database.session(login);
    const end = new Promise((resolve) => session.once("end", resolve));
    await database.revoke(login);
    await end;
    await expect(database.session(login)).rejects.toThrow("password authentication failed");
  });

  test.each([
    'SET ROLE "vault-' + role + '"',
    "SET ROLE mydb_owner",
    "SET ROLE mydb_remains",
    "SET ROLE vault",
    "CREATE ROLE another",
    "ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    `GRANT "vault-${role}" TO CURRENT_USER`,
    `ALTER ROLE "vault-${role}" LOGIN PASSWORD 'x'`,
    `ALTER ROLE "vault-${role}" SET search_path = public`,
    "ALTER DATABASE mydb SET search_path = public",
    "SELECT * FROM private.payroll",
    "ALTER TABLE public.orders OWNER TO CURRENT_USER",
    "CREATE TRIGGER t BEFORE INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "ALTER DEFAULT PRIVILEGES FOR ROLE mydb_owner GRANT ALL ON TABLES TO PUBLIC",
    "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_catalog.now()",
    "CREATE SUBSCRIPTION s CONNECTION 'host=localhost' PUBLICATION p",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vault'",
  ])("may not: %s", async (statement) => {
    const login = await database.issue(role);
    await expect(database.as(login, statement)).rejects.toThrow(/denied|must be|[Oo]nly roles|cannot be|permission/);
    await database.revoke(login);
  });

  test.each(["postgres", "template1"])("does not get into the database %s", async (other) => {
    const login = await database.issue(role);
    await expect(database.session(login, other)).rejects.toThrow("permission denied for database");
    await database.revoke(login);
  });

  test("that holds the lock of the old statements stops nobody", async () => {
    const login = await database.issue(role);
    const session = await database.session(login);
    await session.query("SELECT pg_advisory_lock(hashtextextended('vaultstack.grants', 0))");
    await database.revoke(await database.issue("myapp-db-role"));
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
  });

  test("with an open change of its own password is closed all the same", async () => {
    const login = await database.issue(role);
    const session = await database.session(login);
    await session.query("BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'");
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
  });

  test("that connects again and again, and changes its password each time, is closed all the same", async () => {
    const login = await database.issue(role);
    let stopped = false;
    const loop = async (): Promise<void> => {
      while (!stopped) {
        const again = await database.session(login).catch(() => null);
        await again?.query("ALTER ROLE CURRENT_USER PASSWORD 'password-of-a-login'").catch(() => undefined);
      }
    };
    const loops = Array.from({ length: 3 }, loop);
    await database.revoke(login);
    stopped = true;
    await Promise.all(loops);
    expect(await database.left(login)).toBeNull();
  });

  test("that locks a table of the owner stops neither an issue nor its own end", async () => {
    const login = await database.issue(role);
    const session = await database.session(login);
    await session.query(
      "BEGIN; LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE; LOCK TABLE pg_settings IN ACCESS EXCLUSIVE MODE",
    );
    await database.revoke(await database.issue(role));
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
    await database.admin.query("SELECT count(*) FROM public.orders");
  });

  test("that leaves large objects is gone, and they belong to who may do nothing", async () => {
    const login = await database.issue(role);
    await database.as(login, "SELECT lo_create(0)");
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
  });

  test("that leaves more objects than are moved at once is closed, and up removes it", async () => {
    const login = await database.issue(role);
    await database.as(login, "SELECT count(lo_create(0)) FROM generate_series(1, 600)");
    await database.revoke(login);
    expect(await database.left(login)).toEqual(closedLogin);
    const inputs = database.groupInputs(role);
    expect(await withoutWarnings(() => group.diff("", inputs, inputs))).toMatchObject({ changes: true });
    await withoutWarnings(() => group.update("", inputs, inputs));
    expect(await database.left(login)).toBeNull();
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: false });
  });

  test("that takes away what its own group is granted by default is undone by up", async () => {
    const login = await database.issue(role);
    await database.as(login, `DROP OWNED BY "vault-${role}"`);
    const inputs = database.groupInputs(role);
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: true });
    await group.update("", inputs, inputs);
    const table = fresh();
    await database.asOwner(`CREATE TABLE ${table}(x int)`);
    expect(await database.as(login, `SELECT x FROM ${table}`)).toEqual([]);
    await database.revoke(login);
  });

  test("that prepared a transaction is closed, and is told with what keeps it", async () => {
    const login = await database.issue(role);
    await database.as(login, "BEGIN; SELECT lo_create(0); PREPARE TRANSACTION 'kept'");
    await database.revoke(login);
    expect(await database.left(login)).toEqual(closedLogin);
    await database.admin.query("ROLLBACK PREPARED 'kept'");
    const inputs = database.groupInputs(role);
    await withoutWarnings(() => group.update("", inputs, inputs));
    expect(await database.left(login)).toBeNull();
  });
});

/** What is written for the engine to show, and what was returned. */
async function withoutWarnings<T>(work: () => Promise<T>): Promise<T> {
  return (await withWarnings(work)).result;
}

async function withWarnings<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly said: string }> {
  const spy = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    const result = await work();
    return { result, said: spy.mock.calls.flat().join("") };
  } finally {
    spy.mockRestore();
  }
}

describe("a login that may make things", () => {
  test("does not run as Vault's login by functions and operators of the names that its statements use", async () => {
    const login = await database.issue("dev-postgres");
    const session = await database.session(login);
    await session.query("CREATE TABLE public.ran_as(who text); GRANT ALL ON public.ran_as TO PUBLIC");
    const body = "AS $$ BEGIN INSERT INTO public.ran_as VALUES (current_user); RETURN NULL; END $$ LANGUAGE plpgsql";
    for (const signature of [
      "hashtextextended(text, integer) RETURNS bigint",
      "set_config(text, text, boolean) RETURNS text",
      "current_setting(text) RETURNS text",
      "pg_sleep(numeric) RETURNS void",
      "pg_terminate_backend(integer) RETURNS boolean",
      "concat_ws(text, text, text, text) RETURNS text",
      "format(text, text, text) RETURNS text",
      "same_name(name, text) RETURNS boolean",
      "joined_text(text, text) RETURNS text",
    ]) {
      const returnsNothing = signature.endsWith("void");
      await session.query(`CREATE FUNCTION public.${signature} ${returnsNothing ? body.replace("NULL", "") : body}`);
    }
    await session.query("CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.same_name)");
    await session.query("CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.joined_text)");
    const other = await database.issue("dev-postgres");
    await database.as(
      other,
      "CREATE TABLE public.of_other(x int); CREATE FUNCTION public.f() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
    );
    await database.revoke(other);
    await group.update("", database.groupInputs("dev-postgres"), database.groupInputs("dev-postgres"));
    expect(await database.names("SELECT who FROM public.ran_as")).toEqual([]);
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
    await database.admin.query("DROP OWNED BY mydb_remains CASCADE");
  });

  test("leaves nothing behind that acts as the owner or as anybody who may more than everybody", async () => {
    const login = await database.issue("dev-postgres");
    await database.as(
      login,
      "CREATE FUNCTION public.run_it(q text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $f$ DECLARE r text; " +
        "BEGIN EXECUTE q INTO r; RETURN r; END $f$; CREATE VIEW public.seen AS SELECT * FROM public.orders",
    );
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
    expect(await database.names("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'run_it'")).toEqual([
      "mydb_remains",
    ]);
    const next = await database.issue("myapp-db-role");
    await expect(database.as(next, "SELECT public.run_it('SELECT salary FROM private.payroll')")).rejects.toThrow(
      "permission denied",
    );
    expect(await database.as(next, "SELECT public.run_it('SELECT current_user') AS who")).toEqual([{ who: next.name }]);
    await database.revoke(next);
  });

  test("leaves its tables to a role that nobody can be, and the next logins of its role go on with them", async () => {
    const login = await database.issue("dev-postgres");
    const table = fresh();
    await database.as(login, `CREATE TABLE ${table}(id serial, x text); INSERT INTO ${table}(x) VALUES ('kept')`);
    await database.revoke(login);
    const next = await database.issue("dev-postgres");
    await database.as(next, `INSERT INTO ${table}(x) VALUES ('new')`);
    expect(await database.as(next, `SELECT x FROM ${table} ORDER BY id`)).toEqual([{ x: "kept" }, { x: "new" }]);
    await database.revoke(next);
    const remains = "SELECT rolcanlogin OR rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'mydb_remains'";
    expect(await database.names(remains)).toEqual([false]);
    const able =
      "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = 'mydb_remains'::regrole AND (inherit_option OR set_option)";
    expect(await database.names(able)).toEqual([]);
    const inputs = database.groupInputs("dev-postgres");
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: false });
  });

  test("leaves no privilege, default privilege, schema, type, publication or extension that keeps it", async () => {
    const login = await database.issue("dev-postgres");
    const other = await database.issue("dev-postgres");
    const session = await database.session(login);
    for (const statement of [
      "CREATE SCHEMA of_login",
      "CREATE TYPE of_login.pair AS (a int, b int)",
      "CREATE DOMAIN of_login.positive AS int CHECK (VALUE > 0)",
      "CREATE TABLE of_login.t(x of_login.positive)",
      "CREATE RULE r AS ON INSERT TO of_login.t DO ALSO NOTIFY gone",
      "CREATE PUBLICATION of_login FOR TABLE of_login.t",
      "CREATE EXTENSION citext SCHEMA of_login",
      "CREATE CAST (of_login.pair AS text) WITH INOUT",
      "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC",
      `GRANT ALL ON SCHEMA of_login TO "${other.name}" WITH GRANT OPTION`,
      `GRANT ALL ON of_login.t TO "${other.name}" WITH GRANT OPTION`,
      "CREATE TEMPORARY TABLE passing(x int)",
      "CREATE FUNCTION of_login.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      `GRANT USAGE, CREATE ON SCHEMA of_login TO "${other.name}"`,
      "ALTER ROLE CURRENT_USER SET statement_timeout = 0",
      "LISTEN gone",
    ]) {
      await session.query(statement);
    }
    await database.as(
      other,
      "GRANT SELECT ON of_login.t TO PUBLIC; CREATE FUNCTION of_login.g() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    await database.revoke(login);
    await database.revoke(other);
    expect([await database.left(login), await database.left(other)]).toEqual([null, null]);
    await database.admin.query("DROP SCHEMA of_login CASCADE");
  });

  test("does not stay by what a login that is still open granted to it", async () => {
    const accomplice = await database.issue("dev-postgres");
    const login = await database.issue("myapp-db-role");
    const table = fresh();
    await database.as(
      accomplice,
      `CREATE TABLE ${table}(x int); GRANT ALL ON ${table} TO "${login.name}"; ` +
        `ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO "${login.name}"; ` +
        "CREATE FUNCTION public.of_accomplice() RETURNS int LANGUAGE sql AS 'SELECT 1'; " +
        `GRANT EXECUTE ON FUNCTION public.of_accomplice TO "${login.name}"`,
    );
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
    await database.revoke(accomplice);
    expect(await database.left(accomplice)).toBeNull();
  });

  test("and an accomplice that holds a lock on its table keep its role, closed, until up removes it", async () => {
    const login = await database.issue("dev-postgres");
    const accomplice = await database.issue("dev-postgres");
    const table = fresh();
    await database.as(login, `CREATE TABLE ${table}(x int); GRANT ALL ON ${table} TO PUBLIC`);
    const holder = await database.session(accomplice);
    await holder.query(`BEGIN; SELECT * FROM ${table}`);
    await database.revoke(login);
    expect(await database.left(login)).toEqual(closedLogin);
    await database.revoke(await database.issue("dev-postgres"));
    await database.revoke(accomplice);
    const inputs = database.groupInputs("dev-postgres");
    const { said } = await withWarnings(() => group.diff("", inputs, inputs));
    expect(said).toContain(`ended login ${login.name} is closed and its role stays`);
    await withoutWarnings(() => group.update("", inputs, inputs));
    expect(await database.left(login)).toBeNull();
  });
});

describe("up", () => {
  test("leaves out what others own, says so, and stops nobody for it", async () => {
    await database.admin.query("CREATE TABLE public.dba_notes(i int)");
    const inputs = database.groupInputs("myapp-db-role");
    const { result, said } = await withWarnings(() => group.diff("", inputs, inputs));
    expect(result).toMatchObject({ changes: false });
    expect(said).toContain("on table public.dba_notes is left out, because it belongs to postgres");
    const login = await database.issue("myapp-db-role");
    await database.as(login, "SELECT * FROM public.orders");
    await expect(database.as(login, "SELECT * FROM public.dba_notes")).rejects.toThrow("permission denied");
    await database.revoke(login);
    await database.admin.query("DROP TABLE public.dba_notes");
  });

  test("gives changed grants to logins that are open, and takes removed ones from them", async () => {
    const login = await database.issue("myapp-db-role");
    const reading = database.groupInputs("myapp-db-role", [
      { on: "database", privileges: ["connect"] },
      { on: "schema", schema: "public", privileges: ["usage"] },
      { on: "tables", schema: "public", privileges: ["select", "truncate"] },
    ]);
    await group.update("", database.groupInputs("myapp-db-role"), reading);
    await expect(database.as(login, "INSERT INTO public.orders(x) VALUES ('b')")).rejects.toThrow("permission denied");
    await database.as(login, "TRUNCATE public.orders");
    const table = fresh();
    await database.asOwner(`CREATE TABLE ${table}(x int)`);
    await expect(database.as(login, `INSERT INTO ${table} VALUES (1)`)).rejects.toThrow("permission denied");
    await group.update("", reading, database.groupInputs("myapp-db-role"));
    await database.as(login, `INSERT INTO ${table} VALUES (1)`);
    await database.revoke(login);
  });

  test("sees and undoes a privilege that somebody took or gave by hand", async () => {
    const inputs = database.groupInputs("myapp-db-role");
    await database.asOwner(
      'REVOKE SELECT ON public.orders FROM "vault-myapp-db-role"; GRANT SELECT ON private.payroll TO "vault-myapp-db-role"',
    );
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: true });
    await group.update("", inputs, inputs);
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: false });
  });

  test("sees and closes what somebody opened in a server of the stack's own", async () => {
    const inputs = database.boundsInputs();
    expect(await bounds.diff("", inputs, inputs)).toEqual({ changes: false });
    await database.admin.query("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    expect(await bounds.diff("", inputs, inputs)).toEqual({ changes: true });
    await bounds.update("", inputs, inputs);
    expect(await bounds.diff("", inputs, inputs)).toEqual({ changes: false });
  });

  test("says what a server of somebody else allows, and leaves it", async () => {
    await database.admin.query("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    const { result, said } = await withWarnings(() =>
      bounds.diff("", database.boundsInputs("existing"), database.boundsInputs("existing")),
    );
    expect(result).toEqual({ changes: false });
    expect(said).toContain("logins of vault may connect to postgres as well");
    expect(said).toContain("may prepare transactions");
  });

  test("tells of a login that left something in another database, which is closed", async () => {
    const login = await database.issue("myapp-db-role");
    await database.as(login, "SELECT lo_create(0)", "postgres");
    await database.revoke(login);
    expect(await database.left(login)).toEqual(closedLogin);
    const inputs = database.groupInputs("myapp-db-role");
    const { result, said } = await withWarnings(() => group.diff("", inputs, inputs));
    expect(result).toMatchObject({ changes: false });
    expect(said).toContain("1 object in database postgres");
    await database.admin.query("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
  });
});

describe("the role that gets what ended logins leave", () => {
  test("is taken as it is when it is there, and made when it is not", async () => {
    const inputs = { ...database.remainsInputs(), remains: "other_remains" };
    expect(await remains.diff("", inputs, inputs)).toEqual({ changes: true, replaces: [] });
    await remains.create(inputs);
    await remains.create(inputs);
    expect(await remains.diff("", inputs, inputs)).toEqual({ changes: false, replaces: [] });
    await remains.delete_("", inputs);
    expect(await remains.diff("", inputs, inputs)).toEqual({ changes: true, replaces: [] });
  });

  test("is refused when it may do something", async () => {
    const inputs = { ...database.remainsInputs(), remains: "vault" };
    await expect(remains.create(inputs)).rejects.toThrow("role vault exists and may do something");
  });
});

test("many open logins add nothing to any access list, which holds some two thousand at most", async () => {
  const lists =
    "SELECT sum(pg_column_size(acl)) FROM (SELECT relacl AS acl FROM pg_class UNION ALL SELECT nspacl FROM pg_namespace " +
    "UNION ALL SELECT datacl FROM pg_database UNION ALL SELECT defaclacl FROM pg_default_acl) a";
  const before = await database.names(lists);
  const logins = [];
  for (let count = 0; count < 40; count += 1) logins.push(await database.issue("myapp-db-role"));
  expect(await database.names(lists)).toEqual(before);
  for (const login of logins) await database.revoke(login);
});

test("a login of before, with grants of its own, is taken away by the statements of today", async () => {
  const login = { role: "myapp-db-role", name: "v-of-before" } as const;
  for (const statement of [
    `CREATE ROLE "${login.name}" LOGIN PASSWORD 'password-of-a-login'`,
    `GRANT "${login.name}" TO CURRENT_USER`,
    `GRANT CONNECT ON DATABASE mydb TO "${login.name}"`,
    `GRANT SELECT ON public.orders TO "${login.name}"`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE mydb_owner IN SCHEMA public GRANT SELECT ON TABLES TO "${login.name}"`,
  ]) {
    await database.admin.query(`SET ROLE vault; ${statement}; RESET ROLE`);
  }
  expect(await database.as(login, "SELECT count(*) FROM public.orders")).toHaveLength(1);
  await database.revoke(login);
  expect(await database.left(login)).toBeNull();
});

test("a group is taken away with its privileges, and what ended logins left stays", async () => {
  const inputs = database.groupInputs("dev-postgres");
  await withoutWarnings(() => group.delete_("", inputs));
  expect(await database.names("SELECT rolname FROM pg_roles WHERE rolname = 'vault-dev-postgres'")).toEqual([]);
});
