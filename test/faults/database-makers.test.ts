/**
 * Who has Vault's own login in Postgres, a login that it issues, or a strange name, tries the functions that make
 * logins and take them away, on a Postgres of this machine. They do not prove anything about other versions of Postgres
 * than the one of npm.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import * as group from "../../protocol/database/logins/login-group-resource.ts";
import * as makers from "../../protocol/database/logins/login-makers-resource.ts";
import { closedLogin, LoginDatabase, type ServerKind } from "../support/login-database.ts";

const kinds: readonly ServerKind[] = ["own", "managed"];

describe.each(kinds)("in a server of the kind %s", (kind) => {
  let database: LoginDatabase;

  beforeAll(async () => {
    vi.spyOn(process.stderr, "write").mockImplementation(() => true);
    database = await LoginDatabase.start(kind);
    await database.asOwner("CREATE TABLE public.orders(id serial PRIMARY KEY, x text)");
    await database.admin.query(
      "CREATE ROLE bystander LOGIN PASSWORD 'x'; CREATE ROLE \"v-foreign\" LOGIN PASSWORD 'x'; GRANT \"vault-myapp-db-role\" TO bystander",
    );
  }, 120_000);

  afterAll(async () => {
    vi.restoreAllMocks();
    await database.stop();
  });

  test("a login is of one of many makers, none of which has Vault's login among its members", async () => {
    const logins = [];
    for (let count = 0; count < 20; count += 1) logins.push(await database.issue("myapp-db-role"));
    const used = await database.names(
      "SELECT DISTINCT member::regrole::text FROM pg_auth_members WHERE roleid IN (SELECT oid FROM pg_roles WHERE rolname LIKE 'v-test-%')",
    );
    expect(used.length).toBeGreaterThan(5);
    expect(used.join()).not.toContain("vault,");
    expect(
      await database.names(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'vault._maker%' AND (rolcanlogin OR rolsuper OR pg_has_role('vault', oid, 'MEMBER'))",
      ),
    ).toEqual([]);
    for (const login of logins) await database.revoke(login);
  });

  test.each(["o'x", 'a"b', "$$", "%1$s", "a;--", "\\", "{{x", "a b", "é"])(
    "a login whose reader is called %s is made, renewed and taken away, and nothing else is",
    async (reader) => {
      const roles = "SELECT rolname FROM pg_roles ORDER BY 1";
      const before = await database.names(roles);
      const login = await database.issue("dev-postgres", reader);
      expect(await database.names("SELECT rolname FROM pg_roles ORDER BY oid DESC LIMIT 1")).toEqual([login.name]);
      await database.as(login, "CREATE TABLE public.of_reader(x int); DROP TABLE public.of_reader");
      await database.renew(login);
      expect(
        await database.names(`SELECT rolvaliduntil > now() FROM pg_roles WHERE rolname LIKE 'v-%-dev-post-%'`),
      ).toEqual([true]);
      await database.as(login, "SELECT lo_create(0)");
      await database.revoke(login);
      expect(await database.names(roles)).toEqual(before);
    },
  );

  const others = ["postgres", "mydb_owner", "mydb_remains", "bystander", "v-foreign", "vault", "vault.makers"];
  const refused: readonly (readonly [string, string, string])[] = [
    ["a name of another shape", `SELECT "vault-myapp-db-role".make('other', 'x', 'infinity')`, "must begin with v-"],
    [
      "a name that Postgres would cut",
      `SELECT "vault-myapp-db-role".make('v-${"x".repeat(70)}', 'x', 'infinity')`,
      "at most 63 bytes",
    ],
    ["a name that is taken", `SELECT "vault-myapp-db-role".make('v-foreign', 'x', 'infinity')`, "already exists"],
    ["no name", `SELECT "vault-myapp-db-role".make(NULL, 'x', 'infinity')`, "null"],
    [
      "an end that is more than one",
      `SELECT "vault-myapp-db-role".make('v-a', 'x', 'infinity'' CONNECTION LIMIT 3; --')`,
      "invalid input syntax",
    ],
    [
      "a password that is more than one",
      `SELECT "vault-myapp-db-role".make('v-a', 'x'' VALID UNTIL ''infinity''; --', 'no date')`,
      "invalid input syntax",
    ],
    ...[...others, "vault.maker-1", "vault-myapp-db-role"]
      .flatMap((name) => [
        `extend('${name}', 'infinity')`,
        `shut('${name}')`,
        `close('${name}')`,
        `remove('${name}', 5)`,
      ])
      .map((call): [string, string, string] => [
        "a role that was not made here",
        `SELECT "vault-myapp-db-role".${call}`,
        "is no login that was made here",
      ]),
    ["a role of somebody else", `SELECT "vault.makers".hand_over('v-foreign', true)`, "permission denied"],
    ["what makers do", `SELECT "vault.makers".run(1, 'CREATE ROLE more')`, "permission denied for function"],
    ["what one maker does", `SELECT "vault.makers"."run-1"('CREATE ROLE more')`, "permission denied for function"],
    ["a login that is lent", `SELECT "vault.makers".lend('v-foreign', 'vault')`, "permission denied for function"],
    ["to be a maker", 'SET ROLE "vault.maker-1"', "permission denied"],
    ["to be all makers", 'SET ROLE "vault.makers"', "permission denied"],
    ["to join a maker", 'GRANT "vault.maker-1" TO vault', "permission denied"],
    ["to change a maker", `ALTER ROLE "vault.maker-1" LOGIN PASSWORD 'x'`, "permission denied"],
    [
      "to make a function beside those",
      `CREATE FUNCTION "vault.makers".run(int8, text) RETURNS void LANGUAGE sql AS ''`,
      "permission denied for schema",
    ],
    [
      "to change a function",
      `ALTER FUNCTION "vault.makers".run(integer, text) RESET search_path`,
      "must be owner of function",
    ],
    ["to take the functions away", 'DROP SCHEMA "vault.makers" CASCADE', "must be owner of schema"],
  ];

  test.each(refused)("Vault's own login is refused %s: %s", async (_what, statement, reason) => {
    const state =
      "SELECT array_agg(r::text ORDER BY r.oid)::text FROM pg_authid r UNION ALL SELECT array_agg(m::text ORDER BY m.oid)::text FROM pg_auth_members m";
    const before = await database.names(state);
    await expect(database.asVault(statement)).rejects.toThrow(reason);
    expect(await database.names(state)).toEqual(before);
  });

  test("a role that is no login is not taken away, even if Vault's login gives it to a maker", async () => {
    await database.admin.query(
      'SET ROLE vault; CREATE ROLE of_vault; GRANT of_vault TO "vault.maker-1" WITH ADMIN OPTION; RESET ROLE; ' +
        'CREATE ROLE "v-able" CREATEDB; GRANT "v-able" TO "vault.maker-1" WITH ADMIN OPTION',
    );
    for (const name of ["of_vault", "v-able"]) {
      const call = database.asVault(`SELECT "vault-myapp-db-role".remove('${name}', 5)`);
      await expect(call).rejects.toThrow("is no login that was made here");
    }
    await database.admin.query('DROP ROLE of_vault, "v-able"');
  });

  test("what Vault's login lays down for itself is not found by what acts as a maker", async () => {
    await database.asVault(
      "CREATE TEMPORARY TABLE pg_roles(oid oid, rolname name, rolsuper bool, rolcreaterole bool, rolcreatedb bool, rolreplication bool, rolbypassrls bool); " +
        "INSERT INTO pg_roles SELECT oid, 'v-foreign' FROM pg_catalog.pg_roles WHERE rolname = 'bystander'; SET search_path = pg_temp, public; " +
        "CREATE FUNCTION pg_temp.format(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'CREATE ROLE more' $$; " +
        "CREATE FUNCTION pg_temp.format(text, text, integer) RETURNS text LANGUAGE sql AS $$ SELECT 'CREATE ROLE more' $$; " +
        "SET standard_conforming_strings = off; SET quote_all_identifiers = on",
    );
    const login = await database.issue("myapp-db-role", "o'x");
    await database.as(login, "SELECT lo_create(0)");
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
    expect(await database.names("SELECT rolname FROM pg_roles WHERE rolname = 'more'")).toEqual([]);
    await database.asVault(
      "DISCARD TEMP; RESET standard_conforming_strings; RESET quote_all_identifiers; SET search_path = pg_catalog",
    );
  });

  test.each([
    `SELECT "vault-dev-postgres".make('v-mine', 'x', 'infinity')`,
    `SELECT "vault-dev-postgres".extend('{{name}}', 'infinity')`,
    `SELECT "vault-dev-postgres".remove('bystander', 5)`,
    `SELECT "vault.makers"."run-1"('CREATE ROLE more')`,
    `SELECT "vault.makers".run(1, 'CREATE ROLE more')`,
    `SELECT "vault.makers".hand_over('{{name}}', false)`,
    `CREATE FUNCTION "vault-dev-postgres".make(name, text, text) RETURNS void LANGUAGE sql AS ''`,
    'DROP SCHEMA "vault.makers" CASCADE',
    'GRANT "{{name}}" TO "vault.maker-1" WITH ADMIN OPTION',
    `COMMENT ON ROLE "{{name}}" IS 'closed by nobody'`,
  ])("a login may not: %s", async (statement) => {
    const login = await database.issue("dev-postgres");
    const filled = statement.replaceAll("{{name}}", login.name);
    await expect(database.as(login, filled)).rejects.toThrow(/denied|must be owner/);
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
  });

  test("a login with functions and operators of the names that the functions use does not run as a maker", async () => {
    const login = await database.issue("dev-postgres");
    const session = await database.session(login);
    await session.query("CREATE TABLE public.ran_as(who text); GRANT ALL ON public.ran_as TO PUBLIC");
    for (const signature of [
      "quote_literal(text)",
      "format(text, text, integer)",
      "pg_get_userbyid(oid)",
      "joined(text, text)",
    ]) {
      await session.query(
        `CREATE FUNCTION public.${signature} RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ran_as VALUES (current_user); RETURN NULL; END $$`,
      );
    }
    await session.query("CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.joined)");
    const other = await database.issue("dev-postgres");
    await database.as(other, "CREATE TABLE public.of_other(x int)");
    await database.asVault("SET search_path = public, pg_catalog");
    await database.revoke(other);
    await database.renew(login);
    expect(await database.names("SELECT who FROM public.ran_as")).toEqual([]);
    await database.revoke(login);
    await database.asVault("SET search_path = pg_catalog");
    expect([await database.left(login), await database.left(other)]).toEqual([null, null]);
    await database.admin.query("DROP OWNED BY mydb_remains CASCADE");
  });

  test("two logins of different makers that granted to each other are both taken away", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const [one, other] = [await database.issue("dev-postgres"), await database.issue("dev-postgres")];
      await database.as(
        one,
        `CREATE SCHEMA of_one; GRANT ALL ON SCHEMA of_one TO "${other.name}" WITH GRANT OPTION; CREATE TABLE of_one.t(x int); ` +
          `GRANT ALL ON of_one.t TO "${other.name}" WITH GRANT OPTION`,
      );
      await database.as(other, "CREATE FUNCTION of_one.f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
      await database.revoke(other);
      await database.revoke(one);
      expect([await database.left(one), await database.left(other)]).toEqual([null, null]);
      await database.admin.query("DROP SCHEMA of_one CASCADE");
    }
  });

  describe("a login that Vault's own login made, before there were makers,", () => {
    test("is renewed and goes on to work, and is taken away", async () => {
      const login = await database.issueOfBefore("dev-postgres");
      await database.renew(login);
      expect(
        await database.names(`SELECT rolvaliduntil > now() FROM pg_roles WHERE rolname = '${login.name}'`),
      ).toEqual([true]);
      await database.as(login, "INSERT INTO public.orders(x) VALUES ('a'); CREATE TABLE public.of_before(x int)");
      await database.revoke(login);
      expect(await database.left(login)).toBeNull();
      await database.admin.query("DROP TABLE public.of_before");
    });

    test("is closed when more is left of it than is moved at once, and up removes it", async () => {
      const login = await database.issueOfBefore("myapp-db-role");
      await database.as(login, "SELECT count(lo_create(0)) FROM generate_series(1, 600)");
      await database.revoke(login);
      expect(await database.left(login)).toEqual(closedLogin);
      const inputs = database.groupInputs("myapp-db-role");
      await group.update("", inputs, inputs);
      expect(await database.left(login)).toBeNull();
    });

    test("keeps no login of today by what it granted to it once up has run", async () => {
      const before = await database.issueOfBefore("dev-postgres");
      const login = await database.issue("dev-postgres");
      await database.as(before, `CREATE TABLE public.shared(x int); GRANT ALL ON public.shared TO "${login.name}"`);
      await database.revoke(login);
      expect(await database.left(login)).toEqual(closedLogin);
      const inputs = database.groupInputs("dev-postgres");
      await group.update("", inputs, inputs);
      expect(await database.left(login)).toBeNull();
      await database.revoke(before);
      expect(await database.left(before)).toBeNull();
      await database.admin.query("DROP TABLE public.shared");
    });
  });

  describe("up", () => {
    const made = (): Promise<unknown> => makers.diff("", database.makersInputs(), database.makersInputs());

    afterEach(async () => {
      await makers.update("", database.makersInputs(), database.makersInputs());
      expect(await made()).toMatchObject({ changes: false });
    });

    test.each([
      'DROP FUNCTION "vault.makers"."run-7"(text)',
      'GRANT EXECUTE ON FUNCTION "vault.makers"."run-7"(text) TO bystander',
      'GRANT EXECUTE ON FUNCTION "vault.makers"."run-7"(text) TO PUBLIC',
      'GRANT CREATE ON SCHEMA "vault.makers" TO bystander',
      'ALTER FUNCTION "vault.makers"."run-7"(text) RESET search_path',
      'ALTER FUNCTION "vault.makers".maker_of(text) SECURITY DEFINER',
      'ALTER FUNCTION "vault.makers"."run-7"(text) OWNER TO "vault.makers"',
      `CREATE OR REPLACE FUNCTION "vault.makers"."run-7"(statement text) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'`,
      `CREATE FUNCTION "vault.makers".run(maker int8, statement text) RETURNS void LANGUAGE sql AS ''`,
      `REVOKE "vault.makers" FROM "vault.maker-7" GRANTED BY ${kind === "managed" ? "rds_admin" : "postgres"}`,
    ])("sees and undoes what the superuser did by hand: %s", async (statement) => {
      await database.admin.query(statement);
      expect(await made()).toMatchObject({ changes: true });
    });

    test("sees and undoes a change of the functions of a group", async () => {
      await database.admin.query('DROP FUNCTION "vault-dev-postgres".shut(text)');
      const inputs = database.groupInputs("dev-postgres");
      expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: true });
      await group.update("", inputs, inputs);
      expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: false });
      await database.revoke(await database.issue("dev-postgres"));
    });

    test("refuses a schema of somebody else, in which functions of his could be called", async () => {
      const inputs = { ...database.makersInputs(), login: "other" };
      await database.admin.query('CREATE SCHEMA "other.makers"; CREATE ROLE other');
      await expect(makers.create(inputs)).rejects.toThrow("schema other.makers exists and belongs to postgres");
      await database.admin.query('DROP SCHEMA "other.makers"');
    });

    test("refuses a maker that may do something else", async () => {
      const inputs = { ...database.makersInputs(), login: "another" };
      await database.admin.query('CREATE ROLE "another.maker-3" LOGIN; CREATE ROLE another');
      await expect(makers.create(inputs)).rejects.toThrow("role another.maker-3 exists and is none that makes logins");
      await database.admin.query('DROP ROLE "another.maker-3"');
    });
  });

  test("groups and makers are taken away with their functions, whatever logins are left", async () => {
    const [open, accomplice, closed] = [
      await database.issue("dev-postgres"),
      await database.issue("dev-postgres"),
      await database.issue("dev-postgres"),
    ];
    await database.as(open, `CREATE TABLE public.kept(x int); GRANT ALL ON public.kept TO "${accomplice.name}"`);
    await database.admin.query("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    await database.as(closed, "SELECT lo_create(0)", "postgres");
    await database.revoke(closed);
    await database.revoke(accomplice);
    expect(await database.left(closed)).toEqual(closedLogin);
    for (const role of ["dev-postgres", "myapp-db-role"] as const) await group.delete_("", database.groupInputs(role));
    await makers.delete_("", database.makersInputs());
    await makers.delete_("", database.makersInputs());
    expect(await database.names("SELECT rolname FROM pg_roles WHERE rolname LIKE 'vault_%'")).toEqual([]);
    expect(await database.names("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'vault%'")).toEqual([]);
    expect(await database.left(closed)).toEqual(closedLogin);
    const owner = "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'kept'";
    expect(await database.names(owner)).toEqual([`"${open.name}"`]);
  });
});
