import { describe, expect, test } from "vitest";
import {
  postgresGrantFaults,
  renderGrants,
  type PostgresGrant,
} from "../../../../components/engines/postgres-grants.ts";

// Proves which statements are rendered. That Postgres takes them, and what they do there, is proved in test/live/long.

const scope = { database: "app", owner: "app_owner" };
const lock = "SELECT pg_advisory_xact_lock(hashtextextended('vaultstack.grants', 0))";

function creation(...grants: PostgresGrant[]): readonly string[] {
  return renderGrants(grants, scope).creation.slice(3);
}

describe("the statements of a role", () => {
  test("queue up, make a login that ends, and let Vault's own login reach it", () => {
    expect(
      renderGrants([{ on: "schema", schema: "public", privileges: ["usage"] }], scope).creation.slice(0, 3),
    ).toEqual([
      lock,
      `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
      'GRANT "{{name}}" TO CURRENT_USER',
    ]);
  });

  test("grant on a database and on a schema", () => {
    expect(
      creation(
        { on: "database", privileges: ["connect", "temporary"] },
        { on: "schema", schema: "sales", privileges: ["usage", "create"] },
      ),
    ).toEqual([
      'GRANT CONNECT, TEMPORARY ON DATABASE "app" TO "{{name}}"',
      'GRANT USAGE, CREATE ON SCHEMA "sales" TO "{{name}}"',
    ]);
  });

  test("grant on all tables there are, and on those the owner makes later", () => {
    expect(creation({ on: "tables", schema: "public", privileges: ["select", "insert"] })).toEqual([
      'GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA "public" TO "{{name}}"',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "app_owner" IN SCHEMA "public" GRANT SELECT, INSERT ON TABLES TO "{{name}}"',
    ]);
  });

  test("grant on the tables and sequences that are named, and on no others", () => {
    expect(
      creation(
        { on: "tables", schema: "public", tables: ["orders", "lines"], privileges: ["select"] },
        { on: "sequences", schema: "public", sequences: ["orders_id_seq"], privileges: ["usage"] },
      ),
    ).toEqual([
      'GRANT SELECT ON TABLE "public"."orders", "public"."lines" TO "{{name}}"',
      'GRANT USAGE ON SEQUENCE "public"."orders_id_seq" TO "{{name}}"',
    ]);
  });

  test("move the end of a login and nothing else when it is renewed", () => {
    const { renewal } = renderGrants([], scope);
    expect(renewal).toEqual([`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`]);
  });

  test("take a login away in one statement that Vault does not cut, and that does nothing where there is none", () => {
    const { revocation, rollback } = renderGrants([], scope);
    expect(revocation).toHaveLength(1);
    expect(revocation[0]).toMatch(/^DO \$\$ BEGIN IF EXISTS .*\bEND IF; END \$\$$/);
    const order = ["NOLOGIN", "pg_terminate_backend", "REASSIGN OWNED", "DROP OWNED", "DROP ROLE"];
    const places = order.map((part) => revocation[0]?.indexOf(part) ?? -1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(revocation[0]).toContain('REASSIGN OWNED BY "{{name}}" TO "app_owner"');
    expect(rollback).toEqual(revocation);
  });
});

describe("grants", () => {
  test("that can work have no fault", () => {
    const grants: PostgresGrant[] = [
      { on: "database", privileges: ["connect"] },
      { on: "tables", schema: "public", tables: "all", privileges: ["select"] },
      { on: "sequences", schema: "public", privileges: ["usage"] },
    ];
    expect(postgresGrantFaults("grants", grants)).toEqual([]);
  });

  test("rejects none at all", () => {
    expect(postgresGrantFaults("grants", [])).toEqual([
      "grants: must hold at least one, got []; a login without a grant is of no use",
    ]);
  });

  test("rejects every name that SQL could read as something else, at once", () => {
    const grants: PostgresGrant[] = [
      { on: "tables", schema: 'public"; --', tables: ["ok", "not ok"], privileges: ["select"] },
      { on: "schema", schema: "pg_catalog", privileges: [] },
      { on: "sequences", schema: "public", sequences: [], privileges: ["usage"] },
    ];
    const paths = postgresGrantFaults("grants", grants).map((text) => text.split(":")[0]);
    expect(paths).toEqual([
      "grants[0].schema",
      "grants[0].tables[1]",
      "grants[1].schema",
      "grants[1].privileges",
      "grants[2].sequences",
    ]);
  });
});
