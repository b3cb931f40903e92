/**
 * A database whose admin login may make roles and databases and is no superuser, as managed servers give it, on a
 * Postgres of this machine with the SQL and the resources of the product. They do not prove anything about what a
 * provider of such servers changed in Postgres, nor about other versions of it than the one of npm.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as bounds from "../../protocol/database/logins/login-bounds-resource.ts";
import * as group from "../../protocol/database/logins/login-group-resource.ts";
import * as remains from "../../protocol/database/remains-role-resource.ts";
import { closedLogin, LoginDatabase, type RoleName } from "../support/login-database.ts";

const roles: readonly RoleName[] = ["dev-postgres", "myapp-db-role"];

let database: LoginDatabase;
let said: string;

beforeAll(async () => {
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
  said = "";
  database = await LoginDatabase.start("managed");
  await database.asOwner("CREATE TABLE public.orders(id serial PRIMARY KEY, x text)");
}, 120_000);

afterAll(async () => {
  vi.restoreAllMocks();
  await database.stop();
});

test("the admin is no superuser", async () => {
  const admin = "SELECT rolsuper FROM pg_roles WHERE rolname = 'rds_admin'";
  expect(await database.names(admin)).toEqual([false]);
});

test("what everybody may in that server is said and left", async () => {
  const inputs = database.boundsInputs();
  said = "";
  expect(await bounds.diff("", inputs, inputs)).toEqual({ changes: false });
  expect(said).toContain("logins of vault may connect to postgres, template1 as well");
});

describe.each(roles)("a login of %s", (role) => {
  test("may use the owner's tables of today and of tomorrow, and is gone after its revocation", async () => {
    const login = await database.issue(role);
    await database.asOwner(`CREATE TABLE public."later_${role}"(id serial, x text)`);
    for (const table of ["public.orders", `public."later_${role}"`]) {
      await database.as(login, `INSERT INTO ${table}(x) VALUES ('a')`);
    }
    await database.revoke(login);
    expect(await database.left(login)).toBeNull();
  });

  test("that leaves more than is moved at once is closed, and up removes it", async () => {
    const login = await database.issue(role);
    await database.as(login, "SELECT count(lo_create(0)) FROM generate_series(1, 600)");
    await database.revoke(login);
    expect(await database.left(login)).toEqual(closedLogin);
    const inputs = database.groupInputs(role);
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: true });
    await group.update("", inputs, inputs);
    expect(await database.left(login)).toBeNull();
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: false });
  });

  test("that left something in another database is closed, and is told", async () => {
    const login = await database.issue(role);
    await database.as(login, "SELECT lo_create(0)", "postgres");
    await database.revoke(login);
    expect(await database.left(login)).toEqual(closedLogin);
    said = "";
    const inputs = database.groupInputs(role);
    expect(await group.diff("", inputs, inputs)).toMatchObject({ changes: false });
    expect(said).toContain("1 object in database postgres");
  });
});

test("what a login made belongs to who may do nothing, and the next of its role goes on with its tables", async () => {
  const login = await database.issue("dev-postgres");
  await database.as(
    login,
    "CREATE TABLE public.made(x int); CREATE SCHEMA of_login; CREATE TYPE of_login.t AS (a int)",
  );
  await database.revoke(login);
  expect(await database.left(login)).toBeNull();
  const owner = "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'made'";
  expect(await database.names(owner)).toEqual(["mydb_remains"]);
  const next = await database.issue("dev-postgres");
  await database.as(next, "INSERT INTO public.made VALUES (1)");
  await database.revoke(next);
});

test("a changed grant reaches logins that are open", async () => {
  const login = await database.issue("myapp-db-role");
  const all = database.groupInputs("myapp-db-role");
  const less = database.groupInputs(
    "myapp-db-role",
    all.grants.filter(({ on }) => on === "database" || on === "schema"),
  );
  await group.update("", all, less);
  await expect(database.as(login, "SELECT * FROM public.orders")).rejects.toThrow("permission denied");
  await group.update("", less, all);
  await database.as(login, "SELECT * FROM public.orders");
  await database.revoke(login);
});

test("the groups and the role for what is left are taken away", async () => {
  for (const role of roles) await group.delete_("", database.groupInputs(role));
  expect(await database.names("SELECT rolname FROM pg_roles WHERE rolname LIKE 'vault-%'")).toEqual([]);
  const inputs = { ...database.remainsInputs(), remains: "unused_remains" };
  await remains.create(inputs);
  await remains.delete_("", inputs);
  expect(await remains.diff("", inputs, inputs)).toMatchObject({ changes: true });
});
