/**
 * The dev stack's database on a real engine, cluster, Vault and Postgres: what is issued, what is taken away, and what
 * happens when one of them fails. The tests build on each other and run in order. They do not prove anything about
 * MySQL, nor about other versions of Postgres than the sandbox's.
 */
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack } from "../../support/dev-stack.ts";
import { eventually, type EngineRun } from "../../support/live-stack.ts";
import { plaintextHits } from "../../support/plaintext.ts";
import {
  connectTo,
  databaseOf,
  issuedLogins,
  query,
  superuserOf,
  type PostgresLogin,
  type PostgresPlace,
} from "../../support/postgres-client.ts";
import { vaultAt, type VaultClient } from "../../support/vault-client.ts";
import { issueLogin, revokeLogin, type VaultLogin } from "../../support/vault-login.ts";

let dev: DevStack;
let admin: VaultClient;
let place: PostgresPlace;
let superuser: PostgresLogin;

beforeAll(async () => {
  dev = await DevStack.create("lp-db", { vault: 30380, webApp: 30381 });
});

afterAll(async () => {
  await dev.remove();
});

async function issue(role: string, client: VaultClient = admin): Promise<VaultLogin> {
  return issueLogin(client, role);
}

/** A client that logs in as a workload does, and may read one path. */
async function workloadWith(path: string): Promise<VaultClient> {
  const name = "lp-database";
  await admin.request("PUT", `sys/policies/acl/${name}`, { policy: `path "${path}" { capabilities = ["read"] }` });
  await admin.request("POST", `auth/demo-auth-mount/role/${name}`, {
    bound_service_account_names: ["demo-static-app"],
    bound_service_account_namespaces: [dev.demoAppNamespace],
    audience: "vault",
    token_policies: [name],
  });
  const account = ["-n", dev.demoAppNamespace, "create", "token", "demo-static-app", "--audience", "vault"];
  const jwt = (await dev.stack.kubectl(...account)).trim();
  const { address } = await dev.vault();
  return vaultAt(address, await vaultAt(address).loginKubernetes("demo-auth-mount", name, jwt));
}

async function revoke(login: VaultLogin): Promise<void> {
  await revokeLogin(admin, login);
}

/** Shortens the rotation of the static role meanwhile, as Vault allows at the least, and puts it back. */
async function rotatedEvery(seconds: number, work: () => Promise<void>): Promise<void> {
  const path = "demo-db/static-roles/mydb-migrator";
  const role = z.object({ data: z.object({ db_name: z.string(), username: z.string(), rotation_period: z.number() }) });
  const { data } = role.parse(await admin.request("GET", path));
  await admin.request("PUT", path, { ...data, rotation_period: seconds });
  try {
    await work();
  } finally {
    await admin.request("PUT", path, data);
  }
}

/** Stops or starts Postgres, and waits until it is so. */
async function scalePostgres(replicas: 0 | 1): Promise<void> {
  const inNamespace = ["-n", dev.postgresNamespace];
  await dev.stack.kubectl(...inNamespace, "scale", "statefulset", "postgres", `--replicas=${replicas}`);
  await eventually("Postgres is as asked", async () => {
    const state = ["get", "statefulset", "postgres", "-o", "jsonpath={.status.replicas}/{.status.readyReplicas}"];
    return (await dev.stack.kubectl(...inNamespace, ...state)) === (replicas === 0 ? "0/" : "1/1");
  });
}

/** URN of the engine, for what concerns it alone. */
async function engineUrn(): Promise<string> {
  const { state } = await dev.stack.exportState();
  const found = state.resources.find(({ type }) => type === "vaultstack:engines:DatabaseEngine");
  if (found === undefined) throw new Error("there is no engine in the state");
  return found.urn;
}

/** Takes one thing away, with the program at work: what stays is reached through it. */
async function destroyOnly(urn: string): Promise<EngineRun> {
  return dev.stack.destroy("--target", urn, "--target-dependents", "--run-program");
}

describe("the dev stack's database", () => {
  test("is previewed before anything exists", async () => {
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/\+.*vault:DatabaseLogin/);
  });

  test("comes up in one run, with a login of Vault's own that is no superuser", async () => {
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    [admin, place, superuser] = [await dev.admin(), await databaseOf(dev), await superuserOf(dev)];
    const [login] = await query(place, superuser, "SELECT * FROM pg_roles WHERE rolname = 'vault'");
    expect(login).toMatchObject({ rolcanlogin: true, rolcreaterole: true, rolsuper: false, rolcreatedb: false });
  });

  test("has proved each role and left nothing of it", async () => {
    expect(await issuedLogins(place, superuser)).toEqual([]);
    const log = await dev.stack.kubectl("-n", dev.postgresNamespace, "logs", "postgres-0");
    // Roles are made side by side; where two meet at one row of the catalogue, the later one goes on after another try.
    const errors = log.split("\n").filter((line) => line.includes("ERROR") && !line.includes("concurrently updated"));
    expect(errors).toEqual([]);
    expect(await dev.auditFile()).toContain("demo-db/creds/myapp-db-role");
  });

  test("has nothing to change afterwards, also while logins are in use", async () => {
    const used = await issue("dev-postgres");
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
    await revoke(used);
  });

  test("keeps each password out of state, console, logs and pod specs", async () => {
    const used = await issue("myapp-db-role");
    const places = {
      state: (await dev.stack.exportState()).text,
      console: dev.stack.transcript,
      pods: await dev.stack.kubectl("-n", dev.postgresNamespace, "get", "pods,statefulsets,events", "-o", "yaml"),
      "log of Postgres": await dev.stack.kubectl("-n", dev.postgresNamespace, "logs", "postgres-0", "--all-containers"),
      "log of Vault": await dev.stack.kubectl("-n", dev.namespace, "logs", "vault-0"),
    };
    expect(plaintextHits(places, { superuser: superuser.password, issued: used.data.password })).toEqual([]);
    await revoke(used);
  });
});

describe("a login", () => {
  test("is read by a workload with its own identity, which is allowed this and no other role", async () => {
    const workload = await workloadWith("demo-db/creds/dev-postgres");
    expect(await workload.status("GET", "demo-db/creds/myapp-db-role")).toBe(403);
    const used = await issue("dev-postgres", workload);
    expect(used.lease_duration).toBe(600);
    expect(
      await query(place, used.data, "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
    ).toEqual([{ current_user: used.data.username, ssl: true }]);
    await revoke(used);
  });

  test("may do what its grants say and nothing else, with tables of today and of tomorrow", async () => {
    const [developer, application] = [await issue("dev-postgres"), await issue("myapp-db-role")];
    await query(place, developer.data, "CREATE TABLE early (id int); INSERT INTO early VALUES (1)");
    const later = await issue("myapp-db-role");
    await expect(query(place, later.data, "SELECT id FROM early")).rejects.toThrow("permission denied");
    await query(place, superuser, "SET ROLE mydb_owner; CREATE TABLE late (id int)");
    expect(await query(place, application.data, "SELECT id FROM late")).toEqual([]);
    await expect(query(place, application.data, "CREATE TABLE own (id int)")).rejects.toThrow("permission denied");
    await expect(query(place, later.data, "DROP TABLE late")).rejects.toThrow("must be owner");
    await expect(query(place, later.data, "CREATE ROLE other")).rejects.toThrow("permission denied");
    await Promise.all([developer, application, later].map(revoke));
    const [table] = await query(place, superuser, "SELECT tableowner FROM pg_tables WHERE tablename = 'early'");
    expect(table).toEqual({ tableowner: "mydb_remains" });
    const next = await issue("dev-postgres");
    expect(await query(place, next.data, "SELECT id FROM early")).toEqual([{ id: 1 }]);
    await revoke(next);
  });

  test("is gone from Postgres once its lease is revoked, and its open session with it", async () => {
    const used = await issue("dev-postgres");
    const session = await connectTo(place, used.data);
    const end = new Promise((resolve) => session.once("end", resolve));
    await revoke(used);
    await end;
    expect(await issuedLogins(place, superuser)).not.toContain(used.data.username);
    await expect(connectTo(place, used.data)).rejects.toThrow("password authentication failed");
  });

  test("gets into no other database, and is gone though it held locks, changed its password and left what acts as it", async () => {
    const used = await issue("dev-postgres");
    await expect(query({ ...place, database: "postgres" }, used.data, "SELECT 1")).rejects.toThrow(
      "rejects connection",
    );
    const session = await connectTo(place, used.data);
    await session.query("CREATE FUNCTION left_behind() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'");
    await session.query("SELECT lo_create(0), pg_advisory_lock(hashtextextended('vaultstack.grants', 0))");
    await session.query("BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'");
    const other = await issue("myapp-db-role");
    await Promise.all([used, other].map(revoke));
    const left = await issuedLogins(place, superuser);
    for (const { data } of [used, other]) expect(left).not.toContain(data.username);
    const remains = "SELECT proowner::regrole::text AS owner, prosecdef FROM pg_proc WHERE proname = 'left_behind'";
    expect(await query(place, superuser, remains)).toEqual([{ owner: "mydb_remains", prosecdef: false }]);
  });

  test("lives longer when its lease is renewed, and no longer than its role allows", async () => {
    const used = await issue("dev-postgres");
    const end = `SELECT extract(epoch FROM rolvaliduntil - now()) AS left FROM pg_roles WHERE rolname = '${used.data.username}'`;
    const left = async (): Promise<number> => Number((await query(place, superuser, end))[0]?.["left"]);
    expect(await left()).toBeLessThan(660);
    await admin.request("PUT", "sys/leases/renew", { lease_id: used.lease_id, increment: 1_100 });
    expect(await left()).toBeGreaterThan(1_000);
    const renewed = await admin.request("PUT", "sys/leases/renew", { lease_id: used.lease_id, increment: 36_000 });
    expect(z.object({ lease_duration: z.number() }).parse(renewed).lease_duration).toBeLessThanOrEqual(1_200);
    await revoke(used);
  });

  test("is issued to many at once", async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => issue("myapp-db-role")));
    expect(new Set(many.map(({ data }) => data.username)).size).toBe(20);
    await Promise.all(many.map(revoke));
  });

  test("of a static role has a name that stays and a password that Vault changes by itself, after which the old one is refused", async () => {
    const path = "demo-db/static-creds/mydb-migrator";
    expect(await admin.status("GET", path)).toBe(403);
    const workload = await workloadWith(path);
    const login = async (): Promise<PostgresLogin> =>
      z
        .object({ data: z.object({ username: z.string(), password: z.string() }) })
        .parse(await workload.request("GET", path)).data;
    const first = await login();
    expect(first.username).toBe("mydb-migrator");
    await query(place, first, "SET ROLE mydb_owner; CREATE TABLE migrated (id int)");
    await rotatedEvery(5, async () => {
      await eventually("Vault has changed the password", async () => (await login()).password !== first.password);
    });
    const second = await login();
    expect(second.username).toBe("mydb-migrator");
    await expect(query(place, first, "SELECT 1")).rejects.toThrow("password authentication failed");
    await query(place, second, "SET ROLE mydb_owner; DROP TABLE migrated");
  });
});

describe("Vault's own login", () => {
  test("is healed by up after its password was changed by hand, which a preview shows", async () => {
    await query(place, superuser, "ALTER ROLE vault PASSWORD 'changed-by-hand'");
    await query(place, superuser, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vault'");
    expect(await admin.status("GET", "demo-db/creds/dev-postgres")).toBe(500);
    const preview = await dev.stack.preview();
    expect(preview.output).toMatch(/~.*vault:DatabaseLogin/);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    await revoke(await issue("dev-postgres"));
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("is made anew for a connection that somebody deleted", async () => {
    await admin.request("DELETE", "demo-db/config/demo-db");
    const up = await dev.stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    await revoke(await issue("dev-postgres"));
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("stops an up when Vault's login may not run what takes a role's logins away, and goes on when it may", async () => {
    const path = "demo-db/roles/dev-postgres";
    const { data: role } = z
      .object({ data: z.record(z.string(), z.unknown()) })
      .parse(await admin.request("GET", path));
    await admin.request("PUT", path, { ...role, revocation_statements: ['DROP ROLE "postgres"'] });
    const { state } = await dev.stack.exportState();
    const leases = state.resources.find(({ urn }) => urn.endsWith("::demo-db-dev-postgres-leases"));
    const failed = await dev.stack.up("--target-replace", leases?.urn ?? "");
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/issued a login but cannot take it away \(.*permission denied/);
    await admin.request("PUT", path, role);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await issuedLogins(place, superuser)).toEqual([]);
  });

  test("goes on with its work while a login holds all connections that there are for logins", async () => {
    const used = await issue("dev-postgres");
    await query(place, superuser, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vault'");
    const sessions: Client[] = [];
    // One by one: a connection that is being refused takes a place, too.
    const connected = async (): Promise<Client | null> => connectTo(place, used.data).catch(() => null);
    for (let session = await connected(); session !== null; session = await connected()) sessions.push(session);
    expect(sessions.length).toBeGreaterThan(50);
    await revoke(await issue("dev-postgres"));
    await revoke(used);
  });
});

describe("while Vault is sealed", () => {
  test("a preview promises an unseal and threatens nothing, and up leaves each login as it is", async () => {
    const used = await issue("myapp-db-role");
    const stored = "SELECT rolpassword FROM pg_authid WHERE rolname = 'vault'";
    const before = await query(place, superuser, stored);
    await dev.restartVault();
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/~.*vault:Unseal/);
    expect(preview.output).not.toMatch(/to (replace|delete|create)\n/);
    expect(await query(place, used.data, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await query(place, superuser, stored)).toEqual(before);
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
    await revoke(used);
  });
});

describe("while Postgres is down", () => {
  test("a preview shows no change, and Vault answers for all else", async () => {
    // Alive when Postgres goes, for the tests that follow.
    await issue("dev-postgres");
    await scalePostgres(0);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    expect(await dev.page()).toContain("static-user");
  });

  test("the engine is taken away with live logins, which are listed", async () => {
    const urn = await engineUrn();
    const leases = z
      .object({ data: z.object({ keys: z.array(z.string()) }) })
      .parse(await admin.request("GET", "sys/leases/lookup/demo-db/creds/dev-postgres?list=true")).data.keys;
    expect(leases.length).toBeGreaterThan(0);
    const destroy = await destroyOnly(urn);
    for (const lease of leases) expect(destroy.output).toContain(lease);
    // What is inside Postgres can only be taken out of a server that answers.
    expect(destroy.code).not.toBe(0);
    expect(destroy.output).toContain("check that it runs");
  });

  test("an up ends with the reason, and brings the engine back once Postgres is there", async () => {
    const down = await dev.stack.up();
    expect(down.code).not.toBe(0);
    expect(down.output).toContain("Vault cannot issue a login");
    await scalePostgres(1);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    await revoke(await issue("dev-postgres"));
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });
});

describe("what is taken away", () => {
  test("takes the logins in use with it: none is left in a Postgres that stays", async () => {
    for (const name of await issuedLogins(place, superuser)) {
      // Left by the tests before, in a database that was down.
      await query(place, superuser, `DROP OWNED BY "${name}"; DROP ROLE "${name}"`);
    }
    await Promise.all([issue("dev-postgres"), issue("myapp-db-role"), issue("myapp-db-role")]);
    expect(await issuedLogins(place, superuser)).toHaveLength(3);
    const destroy = await destroyOnly(await engineUrn());
    expect(destroy.code, destroy.output).toBe(0);
    const left = await query(place, superuser, "SELECT rolname FROM pg_roles WHERE rolname ~ '^(v-|vault|mydb-)'");
    expect(left).toEqual([]);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
  });

  test("comes back after the state was lost, with the same data and Vault's password unknown to all", async () => {
    await dev.stack.loseState();
    const up = await dev.adoptWhatExists();
    expect(up.code, up.output).toBe(0);
    expect((await dev.stack.up()).output).toMatch(/~ 1 updated\n/);
    [admin, place, superuser] = [await dev.admin(), await databaseOf(dev), await superuserOf(dev)];
    expect(await query(place, superuser, "SELECT id FROM early")).toEqual([{ id: 1 }]);
    await issue("dev-postgres");
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("goes as a whole with logins in use, in one run and without a trace", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await dev.stack.exportState()).state.resources).toEqual([]);
    for (const namespace of [dev.namespace, dev.postgresNamespace]) {
      expect(await dev.stack.kubectl("get", "namespace", namespace, "--ignore-not-found")).toBe("");
    }
    const second = await dev.stack.destroy();
    expect(second.code, second.output).toBe(0);
  });
});
