import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import {
  connectionDetails,
  connectionFaults,
  type DatabaseConnection,
} from "../../../../../components/engines/database/database-connection.ts";
import {
  roleFaults,
  statementsFingerprint,
  type DynamicRoleArgs,
} from "../../../../../components/engines/database/database-roles.ts";
import type { PostgresDatabase } from "../../../../../components/postgres/postgres-database.ts";
import { record } from "../../../../../graph/recorder.ts";

const mysql: DatabaseConnection = {
  kind: "mysql",
  host: "mysql.test",
  port: 3306,
  username: "vault",
  password: pulumi.secret("a-password"),
  caCertificate: "a-certificate",
};

const server = { host: pulumi.output("postgres.test"), port: 5432, caCertificate: pulumi.output("a-certificate") };

function postgres(login = "vault", tls = true, host = "postgres.test"): DatabaseConnection {
  const there = { ...server, host: pulumi.output(host) };
  const place = tls ? there : { ...there, caCertificate: null };
  const database = { server: place, databaseName: pulumi.output("app") };
  return { kind: "postgres", login, database: database as unknown as PostgresDatabase };
}

const sql: DynamicRoleArgs = {
  definition: {
    kind: "sql",
    creation: ["CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'"],
    revocation: ["DROP USER '{{name}}'@'%'"],
  },
  defaultTtl: "10m",
  maxTtl: "20m",
};

async function rendered(connection: DatabaseConnection): Promise<Record<string, unknown>> {
  const { outputs } = await record(() => ({ details: connectionDetails(connection, pulumi.interpolate) }));
  return outputs["details"] as Record<string, unknown>;
}

describe("a connection", () => {
  test("to Postgres is verified, holds no password, and lets Vault send hashes only", async () => {
    expect(await rendered(postgres())).toEqual({
      postgresql: {
        connectionUrl:
          "postgresql://{{username}}:{{password}}@postgres.test:5432/app?sslmode=verify-full&connect_timeout=5&search_path=pg_catalog",
        username: "vault",
        passwordAuthentication: "scram-sha-256",
        tlsCa: "a-certificate",
      },
      verifyConnection: false,
    });
  });

  test.each([
    ["fd00::5", "[fd00::5]"],
    ["::1", "[::1]"],
    ["10.0.0.5", "10.0.0.5"],
    ["db.test", "db.test"],
  ])("to Postgres or MySQL at %s is written as %s", async (host, written) => {
    const urls = [await rendered(postgres("vault", true, host)), await rendered({ ...mysql, host })];
    expect(JSON.stringify(urls[0])).toContain(`@${written}:5432/`);
    expect(JSON.stringify(urls[1])).toContain(`@tcp(${written}:3306)/`);
  });

  test("to a Postgres without TLS says so", async () => {
    expect(JSON.stringify(await rendered(postgres("vault", false)))).toContain("sslmode=disable");
  });

  test("to MySQL is looked at when it is written", async () => {
    expect(await rendered(mysql)).toMatchObject({
      mysql: {
        connectionUrl: "{{username}}:{{password}}@tcp(mysql.test:3306)/?timeout=5s&tls=true",
        username: "vault",
        tlsCa: "a-certificate",
      },
      verifyConnection: true,
    });
  });

  test("rejects a login and a port that cannot be", () => {
    expect(connectionFaults(postgres('va"ult'))).toHaveLength(1);
    expect(connectionFaults({ ...mysql, port: 70_000, username: "" })).toHaveLength(2);
    expect([...connectionFaults(postgres()), ...connectionFaults(mysql)]).toEqual([]);
  });
});

describe("a role", () => {
  test("that can work has no fault", () => {
    const grants: DynamicRoleArgs = {
      ...sql,
      definition: { kind: "grants", grants: [{ on: "database", privileges: ["connect"] }] },
    };
    expect(roleFaults(postgres(), { app: grants, raw: sql }, { migrator: { rotationPeriod: "24h" } })).toEqual([]);
    expect(roleFaults(mysql, { app: sql }, {})).toEqual([]);
  });

  test("rejects a life that is longer by default than at most", () => {
    expect(roleFaults(postgres(), { app: { ...sql, defaultTtl: "30m" } }, {})).toEqual([
      'roles.app.maxTtl: must be at least the defaultTtl of 30m, got "20m"; raise it',
    ]);
  });

  test("rejects SQL that makes no login or takes none away", () => {
    const definition = { kind: "sql", creation: ["SELECT 1"], revocation: [] } as const;
    const paths = roleFaults(postgres(), { app: { ...sql, definition } }, {}).map((text) => text.split(":")[0]);
    expect(paths).toEqual([
      "roles.app.definition.creation",
      "roles.app.definition.creation",
      "roles.app.definition.revocation",
    ]);
  });

  test("rejects grants and static logins where only SQL is known", () => {
    const definition = { kind: "grants", grants: [] } as const;
    const faults = roleFaults(mysql, { app: { ...sql, definition } }, { migrator: { rotationPeriod: "24h" } });
    expect(faults.map((text) => text.split(":")[0])).toEqual(["roles.app.definition", "staticRoles.migrator"]);
  });

  test("rejects names that Vault cannot tell apart or take, and a rotation that is too quick", () => {
    const faults = roleFaults(postgres(), { app: sql, "a/b": sql }, { app: { rotationPeriod: "2s" } });
    expect(faults.map((text) => text.split(":")[0])).toEqual([
      "staticRoles.app",
      "roles.a/b",
      "staticRoles.app.rotationPeriod",
    ]);
  });

  test("has a fingerprint that changes with its statements only", () => {
    const statements = { creation: ["a"], renewal: ["b"], revocation: ["c"], rollback: ["d"] };
    expect(statementsFingerprint(statements)).toBe(statementsFingerprint({ ...statements }));
    expect(statementsFingerprint({ ...statements, revocation: ["x"] })).not.toBe(statementsFingerprint(statements));
  });
});
