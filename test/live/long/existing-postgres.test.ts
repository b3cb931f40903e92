/**
 * The dev stack with a Postgres that runs already, without TLS, and that stays when the stack goes. The tests build on
 * each other and run in order. They do not prove anything about managed servers, whose admin login is no superuser.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack } from "../../support/dev-stack.ts";
import { eventually } from "../../support/live-stack.ts";
import { issuedLogins, query, type PostgresLogin, type PostgresPlace } from "../../support/postgres-client.ts";
import type { VaultClient } from "../../support/vault-client.ts";

const namespace = "lp-ext-server";
const password = randomBytes(12).toString("hex");
const superuser: PostgresLogin = { username: "admin", password };

let dev: DevStack;
let admin: VaultClient;
let place: PostgresPlace;

const prepare = [
  'printf %s "$PASSWORD" > /tmp/password',
  "initdb --pgdata=/tmp/data --username=admin --pwfile=/tmp/password --auth=scram-sha-256",
  "echo 'host all all all scram-sha-256' >> /tmp/data/pg_hba.conf",
  "exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp",
].join(" && ");

const server = {
  apiVersion: "v1",
  kind: "List",
  items: [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "server", namespace, labels: { app: "server" } },
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 999, runAsGroup: 999 },
        containers: [
          {
            name: "postgres",
            image: "postgres:17.10",
            command: ["sh", "-c", prepare],
            env: [{ name: "PASSWORD", value: password }],
          },
        ],
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "server", namespace },
      spec: { selector: { app: "server" }, ports: [{ port: 5432 }] },
    },
  ],
};

beforeAll(async () => {
  dev = await DevStack.create("lp-ext", { vault: 30383, webApp: 30384 });
  await dev.stack.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait");
  await dev.stack.kubectlWithInput(JSON.stringify(server), "apply", "-f", "-");
  const service = ["-n", namespace, "get", "service", "server", "-o", "jsonpath={.spec.clusterIP}"];
  const host = await dev.stack.kubectl(...service);
  place = { host, port: 5432, database: "postgres", tls: null };
  await dev.stack.set("postgres.kind", "address");
  await dev.stack.set("postgres.host", host);
  await dev.stack.set("postgres.username", superuser.username);
  await dev.stack.setSecret("postgresPassword", password);
  await eventually("the server answers", async () => (await query(place, superuser, "SELECT 1")).length === 1);
});

afterAll(async () => {
  await dev.stack.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
  await dev.remove();
});

async function issue(role: string): Promise<string> {
  return z.object({ lease_id: z.string() }).parse(await admin.request("GET", `demo-db/creds/${role}`)).lease_id;
}

/** Leads the server's Service to its pod, or to none. */
async function answers(yes: boolean): Promise<void> {
  const patch = JSON.stringify({ spec: { selector: { app: yes ? "server" : "none" } } });
  await dev.stack.kubectl("-n", namespace, "patch", "service", "server", "-p", patch);
  const isUp = async () =>
    query(place, superuser, "SELECT 1").then(
      () => true,
      () => false,
    );
  await eventually("the server is as asked", async () => (await isUp()) === yes);
}

function inDatabase(): PostgresPlace {
  return { ...place, database: "mydb" };
}

async function ownRoles(): Promise<unknown[]> {
  const found =
    "SELECT rolname FROM pg_roles WHERE rolname ~ '^(v-|vault$|mydb)' UNION SELECT datname FROM pg_database WHERE datname = 'mydb'";
  return query(place, superuser, found);
}

describe("a Postgres that runs already", () => {
  test("is given a database, and issues logins", async () => {
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await dev.stack.kubectl("get", "namespace", dev.postgresNamespace, "--ignore-not-found")).toBe("");
    admin = await dev.admin();
    await issue("dev-postgres");
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("that is down ends a destroy with the reason, and the next one finishes it", async () => {
    await answers(false);
    const down = await dev.stack.destroy();
    expect(down.code).not.toBe(0);
    expect(down.output).toContain("check that it runs");
    await answers(true);
    // Leases that Vault had to forget before the run ended, as docs/runbooks/orphaned-logins.md says.
    for (const name of await issuedLogins(place, superuser)) {
      const removal = `REASSIGN OWNED BY "${name}" TO mydb_owner; DROP OWNED BY "${name}"; DROP ROLE "${name}"`;
      if (down.output.includes("so Vault has forgotten them")) await query(inDatabase(), superuser, removal);
    }
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await ownRoles()).toEqual([]);
  });

  test("is left without a login, a role or a database of the stack by a destroy with logins in use", async () => {
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    admin = await dev.admin();
    await Promise.all([issue("dev-postgres"), issue("myapp-db-role"), issue("myapp-db-role")]);
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await ownRoles()).toEqual([]);
    expect((await dev.stack.exportState()).state.resources).toEqual([]);
  });
});
