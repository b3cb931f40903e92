import type { PostgresGrant } from "./postgres-grant.ts";
import { membersOf } from "./postgres-grant.ts";
import { isMade, makersOf } from "./maker-functions.ts";

/** What the logins of a role belong to. */
export interface LoginGroup {
  /** Vault's own login. */
  readonly login: string;
  /** The role that holds their privileges. */
  readonly group: string;
  /** The role that gets what they leave behind. */
  readonly remains: string;
  /** What the group may do. */
  readonly grants: readonly PostgresGrant[];
}

/**
 * Ends the sessions of the login that a task is formatted with: `%1$I` for it as an identifier, `%1$L` as a literal.
 */
export const endSessions = "PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %1$L;";

/**
 * Gives what the login owns to a role that may do nothing, then drops the login. What prevents that is noted in a
 * comment on the login's role, which stays closed and without its group. The removal does not fail for it: whoever
 * could make one revocation fail could stop those after it.
 * @returns PL/pgSQL for a maker, to be formatted with the login and the largest number of objects to move.
 */
export function groupRemoval({ group, remains, grants, login }: LoginGroup): string {
  return [
    "DECLARE item text; place record; reason text; detail text; BEGIN",
    `GRANT %1$I TO CURRENT_USER;`,
    ...sessionsAwaited,
    ...attempt(harmlessFunctions),
    ...attempt(
      `IF (SELECT count(*) > %2$s ${heldBy("'o'")}) THEN RAISE 'it owns more than %2$s objects'; END IF;`,
      ...fromTheGroup(group, remains),
      // For most logins nothing more is to be done, and so no catalog row is touched that two removals at once would
      // change.
      `IF EXISTS (SELECT ${heldBy("'o', 'a'")}) THEN`,
      `GRANT "${remains}" TO CURRENT_USER;`,
      harmlessViews,
      roomFor(remains, login),
      ...grants.flatMap((grant) => shared(grant, group)),
      `REASSIGN OWNED BY %1$I TO "${remains}";`,
      grantedByOthers(login),
      `DROP OWNED BY %1$I;`,
      `REVOKE "${remains}" FROM CURRENT_USER;`,
      "END IF;",
    ),
    "IF reason IS NULL THEN",
    ...attempt(`DROP ROLE %1$I;`),
    "END IF;",
    "IF reason IS NOT NULL THEN",
    ...attempt(`REVOKE "${group}" FROM %1$I;`),
    `EXECUTE format('COMMENT ON ROLE %%I IS %%L', %1$L, concat_ws(': ', 'closed by ${group}', reason, nullif(detail, '')));`,
    `RAISE WARNING 'login %% is closed, its role stays: %% %%', %1$L, reason, detail;`,
    "END IF; END",
  ].join(" ");
}

/**
 * Waits for sessions that are ending, and ends the others. If one does not end, it cannot come back: its role has
 * neither LOGIN nor a password any more.
 */
const sessionsAwaited = [
  "FOR attempt IN 1..50 LOOP",
  "PERFORM pg_stat_clear_snapshot();",
  endSessions,
  "EXIT WHEN NOT FOUND;",
  "PERFORM pg_sleep(0.02);",
  "END LOOP;",
] as const;

/** Runs all of the statements or none; the first reason for a failure is kept. */
function attempt(...statements: readonly string[]): string[] {
  const keep = "GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;";
  return ["BEGIN", ...statements, "EXCEPTION WHEN OTHERS THEN", "IF reason IS NULL THEN", keep, "END IF;", "END;"];
}

/** What depends on the login: what it owns ("o"), and what it was granted ("a"). */
function heldBy(kinds: string): string {
  return [
    "FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid",
    `WHERE r.rolname = %1$L AND d.refclassid = 'pg_authid'::regclass AND d.deptype IN (${kinds})`,
  ].join(" ");
}

/** Makes functions that run with their owner's rights run with their caller's from now on. */
const harmlessFunctions = [
  "FOR item IN SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner",
  "WHERE r.rolname = %1$L AND p.prosecdef LOOP",
  "EXECUTE 'ALTER ROUTINE ' || item || ' SECURITY INVOKER'; END LOOP;",
].join(" ");

const harmlessViews = [
  "IF current_setting('server_version_num')::int4 >= 150000 THEN",
  "FOR item IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner",
  "WHERE r.rolname = %1$L AND c.relkind = 'v' LOOP",
  "EXECUTE 'ALTER VIEW ' || item || ' SET (security_invoker = true)'; END LOOP; END IF;",
].join(" ");

/**
 * Functions, operators, publications and their like can only be given to a role that may create objects where they are.
 * The role keeps this right: nobody can act as it. A schema that another login made is opened as that login, which its
 * maker lends.
 */
function roomFor(remains: string, login: string): string {
  return [
    "FOR place IN SELECT DISTINCT n.nspname, pg_get_userbyid(n.nspowner)::text AS nspowner, pg_has_role(n.nspowner, 'USAGE') AS able",
    "FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid JOIN pg_database b ON b.oid = d.dbid",
    "CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i",
    "JOIN pg_namespace n ON quote_ident(n.nspname) = i.schema AND n.nspname !~ '^pg_'",
    "WHERE r.rolname = %1$L AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'",
    `AND b.datname = current_database() AND NOT has_schema_privilege('${remains}', n.oid, 'CREATE') LOOP`,
    `IF NOT place.able THEN ${lent("place.nspowner", login)} END IF;`,
    `EXECUTE format('GRANT CREATE ON SCHEMA %%I TO "${remains}"', place.nspname); END LOOP;`,
    "IF EXISTS (SELECT FROM pg_publication p JOIN pg_roles r ON r.oid = p.pubowner WHERE r.rolname = %1$L) THEN",
    `EXECUTE format('GRANT CREATE ON DATABASE %%I TO "${remains}"', current_database()); END IF;`,
  ].join(" ");
}

/** Lets this maker act as another login. */
function lent(owner: string, login: string): string {
  return `PERFORM "${makersOf(login).schema}".lend(${owner}, current_user::text);`;
}

/** What another login granted to this one is revoked as that other login. */
function grantedByOthers(login: string): string {
  return [
    "FOR item IN SELECT DISTINCT pg_get_userbyid(o.owner)::text FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid",
    "JOIN pg_database b ON b.oid = d.dbid AND b.datname = current_database() CROSS JOIN LATERAL (",
    "SELECT relowner AS owner FROM pg_class WHERE oid = d.objid AND d.classid = 'pg_class'::regclass",
    "UNION ALL SELECT nspowner FROM pg_namespace WHERE oid = d.objid AND d.classid = 'pg_namespace'::regclass",
    "UNION ALL SELECT proowner FROM pg_proc WHERE oid = d.objid AND d.classid = 'pg_proc'::regclass",
    "UNION ALL SELECT typowner FROM pg_type WHERE oid = d.objid AND d.classid = 'pg_type'::regclass",
    "UNION ALL SELECT lomowner FROM pg_largeobject_metadata WHERE oid = d.objid AND d.classid = 'pg_largeobject'::regclass",
    "UNION ALL SELECT defaclrole FROM pg_default_acl WHERE oid = d.objid AND d.classid = 'pg_default_acl'::regclass",
    `) o WHERE r.rolname = %1$L AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'a' AND ${isMade(login, "o.owner")}`,
    `AND NOT pg_has_role(o.owner, 'USAGE') LOOP ${lent("item", login)} END LOOP;`,
  ].join(" ");
}

/** Before Postgres 16 a member may act as the group, and what it creates as the group belongs to the group. */
function fromTheGroup(group: string, remains: string): string[] {
  return [
    "IF current_setting('server_version_num')::int4 < 160000 THEN",
    `GRANT "${group}", "${remains}" TO CURRENT_USER;`,
    `REASSIGN OWNED BY "${group}" TO "${remains}";`,
    `REVOKE "${group}", "${remains}" FROM CURRENT_USER;`,
    "END IF;",
  ];
}

/**
 * Lets the next logins of the role use the tables or sequences that this one made, where the role may use all of them.
 */
function shared(grant: PostgresGrant, group: string): string[] {
  if (grant.on === "database" || grant.on === "schema") return [];
  if (membersOf(grant) !== "all") return [];
  const [kind, kinds] = grant.on === "tables" ? ["TABLE", "'r', 'p', 'v', 'm', 'f'"] : ["SEQUENCE", "'S'"];
  return [
    "FOR item IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner",
    `JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rolname = %1$L AND n.nspname = '${grant.schema}'`,
    `AND c.relkind IN (${kinds}) LOOP`,
    `EXECUTE 'GRANT ${grant.privileges.join(", ").toUpperCase()} ON ${kind} ' || item || ' TO "${group}"'; END LOOP;`,
  ];
}
