import { describe, expect, test } from "vitest";
import { renderLoginStatements } from "../../../../components/engines/login-statements.ts";
import { postgresGrantFaults } from "../../../../components/engines/postgres-grants.ts";
import type { PostgresGrant } from "../../../../components/postgres/postgres-grant.ts";

// Proves which statements are rendered. What they do in Postgres is proved in test/faults/database-attacker.test.ts.

const statements = renderLoginStatements({ group: "vault-app", remains: "app_remains", grants: [] });

describe("the statements of a role", () => {
  test("make a login that ends and belongs to its group, and grant nothing to it", () => {
    const [made, joined] = statements.creation;
    expect(made).toBe(`CREATE ROLE "{{name}}" LOGIN INHERIT PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`);
    expect(joined).toContain('GRANT "vault-app" TO "{{name}}" WITH INHERIT TRUE, SET FALSE');
    expect(statements.creation.join()).not.toMatch(/GRANT [^;]* ON /);
  });

  test("move the end of a login and nothing else when it is renewed", () => {
    expect(statements.renewal).toEqual([`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`]);
  });

  test("close a login by themselves before anything that may fail", () => {
    const [shut, commit, closed, removed] = statements.revocation;
    expect(shut).toContain("pg_terminate_backend");
    expect(commit).toBe("COMMIT");
    expect(closed).toContain('ALTER ROLE "{{name}}" NOLOGIN PASSWORD NULL');
    expect(removed).toContain('REASSIGN OWNED BY "{{name}}" TO "app_remains"');
    expect(removed).toContain('DROP ROLE "{{name}}"');
  });

  test("are blocks that Vault does not cut, which find names in pg_catalog alone and take no lock that a login can hold", () => {
    for (const block of [...statements.creation, ...statements.revocation].filter((text) => text.startsWith("DO"))) {
      expect(block).toMatch(
        / BEGIN PERFORM pg_catalog\.set_config\('search_path', 'pg_catalog', true\); .*\bEND \$\$$/,
      );
      expect(block).toContain("lock_timeout");
      expect(block).not.toContain("advisory");
    }
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

  test("rejects a privilege by which a login acts as others", () => {
    const trigger = { on: "tables", schema: "public", privileges: ["trigger"] } as unknown as PostgresGrant;
    expect(postgresGrantFaults("grants", [trigger])[0]).toMatch(
      /^grants\[0\]\.privileges: must not hold trigger, got /,
    );
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
