import { describe, expect, test } from "vitest";
import { groupFunctions } from "../../../../../protocol/database/logins/login-functions.ts";
import { renderLoginStatements } from "../../../../../components/engines/database/login-statements.ts";
import { makerFunctions } from "../../../../../protocol/database/logins/maker-functions.ts";
import { postgresGrantFaults } from "../../../../../components/engines/database/postgres-grants.ts";
import type { PostgresGrant } from "../../../../../protocol/database/logins/postgres-grant.ts";

// Proves which statements are rendered. What they do in Postgres is proved in test/faults/database-*.test.ts.

const statements = renderLoginStatements({ group: "vault-app", login: "vault" });

describe("the statements of a role", () => {
  test("are calls of the group's functions, with what Vault puts in between quotes that no name can end", () => {
    const name = "$vaultstack${{name}}$vaultstack$";
    expect(statements.creation).toEqual([`SELECT "vault-app".make(${name}, '{{password}}', '{{expiration}}')`]);
    expect(statements.renewal).toEqual([
      `SELECT "vault.makers".hand_over(${name}, false)`,
      `SELECT "vault-app".extend(${name}, '{{expiration}}')`,
    ]);
  });

  test("close a login by themselves before anything that may fail", () => {
    expect(statements.revocation.map((text) => /\.(\w+)\(/.exec(text)?.[1] ?? text)).toEqual([
      "hand_over",
      "shut",
      "COMMIT",
      "close",
      "remove",
    ]);
    expect(statements.rollback).toEqual(statements.revocation);
  });

  test("hold nothing that Vault would cut at, or take for a block of statements", () => {
    for (const text of Object.values(statements).flat()) expect(text).not.toMatch(/;|\bEND/i);
  });
});

describe("the functions", () => {
  const group = groupFunctions({ login: "vault", group: "vault-app", remains: "app_remains", grants: [] });
  const makers = makerFunctions("vault");

  test("of a group act as who may not make roles, and those that make them may be called by nobody else", () => {
    for (const { owner, isDefiner, callers } of group.functions) {
      expect({ owner, isDefiner, callers }).toEqual({ owner: "vault.makers", isDefiner: true, callers: ["vault"] });
    }
    const definers = makers.functions.filter(({ isDefiner }) => isDefiner);
    expect(new Set(definers.flatMap(({ callers }) => callers))).toEqual(new Set(["vault.makers"]));
    expect(new Set(definers.map(({ owner }) => owner)).size).toBe(128);
  });

  test("take no lock that a login can hold, and wait for no other for long", () => {
    for (const { name, body } of group.functions.filter((each) => each.name !== "extend")) {
      expect(body, name).toContain("lock_timeout");
      expect(body, name).not.toContain("advisory");
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
