import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresqlProvider } from "../../../sandbox/plugins/postgresql/provider.ts";
import { Secret, type PropertyMap } from "../../../sandbox/plugins/shared/property.ts";
import { startPostgres, type LocalPostgres } from "../../support/local-postgres.ts";
import { PluginClient } from "../../../sandbox/test/support/plugin-client.ts";

// Proves every type of the PostgreSQL stand-in against a real server: create, read without drift, drift, update,
// delete, import, and what is gone. Does not prove that the official provider does the same, nor TLS, which
// test/live/long does.

const roleType = "postgresql:index/role:Role";
const databaseType = "postgresql:index/database:Database";
const grantType = "postgresql:index/grantRole:GrantRole";

let server: LocalPostgres;
let client: PluginClient;

beforeAll(async () => {
  server = await startPostgres();
  client = await PluginClient.serve(postgresqlProvider());
  const place = { host: "127.0.0.1", port: String(server.port), sslmode: "disable" };
  const config = { ...place, username: "postgres", password: new Secret(server.password) };
  expect(await client.checkConfig(config)).toEqual([]);
  await client.configure(config);
});

afterAll(async () => {
  client.close();
  await server.stop();
});

interface Existing {
  readonly type: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

async function create(type: string, given: PropertyMap): Promise<Existing> {
  const { inputs, faults } = await client.check(type, given);
  expect(faults).toEqual([]);
  return { type, inputs, ...(await client.create(type, inputs)) };
}

/** Reads a resource and compares: no drift right after a create or update. */
async function driftOf({ type, id, inputs, outputs }: Existing): Promise<readonly string[] | "gone"> {
  const live = await client.read(type, id, inputs, outputs);
  if (live === undefined) return "gone";
  return Object.keys((await client.diff(type, id, live.inputs, inputs, live.outputs)).details);
}

async function update(existing: Existing, changes: PropertyMap): Promise<Existing> {
  const { type, id, inputs, outputs } = existing;
  const { inputs: news, faults } = await client.check(type, { ...inputs, ...changes });
  expect(faults).toEqual([]);
  return { ...existing, inputs: news, outputs: await client.update(type, id, inputs, news, { oldOutputs: outputs }) };
}

async function remove({ type, id, outputs, inputs }: Existing): Promise<void> {
  await client.delete(type, id, outputs, inputs);
  // Deleting what is gone is no failure: a run that was cut off is run again.
  await client.delete(type, id, outputs, inputs);
}

async function sql(text: string): Promise<Record<string, unknown>[]> {
  const connection = new Client({
    host: "127.0.0.1",
    port: server.port,
    user: "postgres",
    password: server.password,
    database: "postgres",
  });
  await connection.connect();
  try {
    return (await connection.query<Record<string, unknown>>(text)).rows;
  } finally {
    await connection.end();
  }
}

describe("Role", () => {
  test("lives from create to delete, with its memberships and without drift of what the program does not say", async () => {
    const group = await create(roleType, { name: "group" });
    const role = await create(roleType, { name: "app", login: true, createRole: true, roles: ["group"] });
    expect(await driftOf(role)).toEqual([]);
    const [found] = await sql("SELECT rolcanlogin, rolcreaterole, rolsuper FROM pg_roles WHERE rolname = 'app'");
    expect(found).toEqual({ rolcanlogin: true, rolcreaterole: true, rolsuper: false });
    await sql('ALTER ROLE app NOCREATEROLE; REVOKE "group" FROM app');
    expect(await driftOf(role)).toEqual(["createRole", "roles"]);
    const updated = await update(role, { createRole: false, roles: [], connectionLimit: 3 });
    expect(await driftOf(updated)).toEqual([]);
    await remove(updated);
    expect(await driftOf(updated)).toBe("gone");
    await remove(group);
  });

  test("is deleted with what it owns going to the provider's login", async () => {
    const role = await create(roleType, { name: "owner", login: true });
    await sql("CREATE TABLE owned (id int); ALTER TABLE owned OWNER TO owner");
    await remove(role);
    expect(await sql("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'")).toEqual([
      { tableowner: "postgres" },
    ]);
  });

  test("keeps a password secret, and shows one it was not given as it is stored", async () => {
    const role = await create(roleType, { name: "app", login: true, password: new Secret("a-password") });
    expect(role.outputs["password"]).toEqual(new Secret("a-password"));
    expect(await driftOf(role)).toEqual([]);
    const live = await client.read(roleType, "app");
    const stored = live?.outputs["password"];
    if (!(stored instanceof Secret)) throw new Error("the password is not secret");
    expect(stored.value).toMatch(/^SCRAM-SHA-256\$/);
    await remove(role);
  });

  test("rejects a name that is taken, without repeating the statement", async () => {
    const role = await create(roleType, { name: "taken" });
    const again = client.create(roleType, { name: "taken", login: true, password: new Secret("a-password") });
    await expect(again).rejects.toThrow('role "taken" already exists');
    await expect(again).rejects.not.toThrow("a-password");
    await remove(role);
  });

  test("rejects a property it does not cover", async () => {
    const { faults } = await client.check(roleType, { name: "app", assumeRole: "group" });
    expect(faults.join()).toContain("must be a property this stand-in plugin covers");
  });
});

describe("Database", () => {
  test("lives from create to delete, also while somebody is connected", async () => {
    const owner = await create(roleType, { name: "owner" });
    const database = await create(databaseType, { name: "app", owner: "owner" });
    expect(database.outputs).toMatchObject({ encoding: "UTF8", template: "template0" });
    expect(await driftOf(database)).toEqual([]);
    await sql("ALTER DATABASE app OWNER TO postgres");
    expect(await driftOf(database)).toEqual(["owner"]);
    const updated = await update(database, { owner: "owner", connectionLimit: 7 });
    const user = await sql("SELECT datconnlimit FROM pg_database WHERE datname = 'app'");
    expect(user).toEqual([{ datconnlimit: 7 }]);
    const place = { host: "127.0.0.1", port: server.port, user: "postgres", password: server.password };
    const session = new Client({ ...place, database: "app" });
    session.on("error", () => undefined);
    await session.connect();
    await remove(updated);
    expect(await driftOf(updated)).toBe("gone");
    await remove(owner);
  });

  test("is imported by its name, and what the program leaves out is no change", async () => {
    const database = await create(databaseType, { name: "app" });
    const live = await client.read(databaseType, "app");
    const { inputs } = await client.check(databaseType, { name: "app", owner: "postgres" });
    expect((await client.diff(databaseType, "app", live?.inputs ?? {}, inputs, live?.outputs)).changed).toBe(false);
    expect((await client.diff(databaseType, "app", inputs, { ...inputs, encoding: "LATIN1" })).replaces).toEqual([
      "encoding",
    ]);
    await remove(database);
  });
});

describe("GrantRole", () => {
  test("lives from create to delete, and is missed when somebody took it away", async () => {
    const [group, member] = [await create(roleType, { name: "group" }), await create(roleType, { name: "member" })];
    const grant = await create(grantType, { role: "member", grantRole: "group", withAdminOption: true });
    expect(grant.id).toBe("member_group_true");
    expect(await driftOf(grant)).toEqual([]);
    await sql('REVOKE ADMIN OPTION FOR "group" FROM member');
    expect(await driftOf(grant)).toEqual(["withAdminOption"]);
    await sql('REVOKE "group" FROM member');
    expect(await driftOf(grant)).toBe("gone");
    await remove(grant);
    await remove(member);
    await remove(group);
  });
});

describe("the provider", () => {
  test("says where it could not connect, and not with which password", async () => {
    const elsewhere = await PluginClient.serve(postgresqlProvider());
    const place = { host: "127.0.0.1", port: String(server.port), sslmode: "disable" };
    await elsewhere.configure({ ...place, username: "postgres", password: new Secret("a-wrong-password") });
    const failed = elsewhere.create(roleType, { name: "app" });
    await expect(failed).rejects.toThrow(`must accept a connection at 127.0.0.1:${server.port}`);
    await expect(failed).rejects.not.toThrow("a-wrong-password");
    elsewhere.close();
  });

  test("rejects a way of TLS it does not know", async () => {
    const faults = await client.checkConfig({ host: "a", username: "b", sslmode: "prefer" });
    expect(faults.join()).toContain("must be disable or verify-full");
  });
});
