import { membersOf, type PostgresGrant } from "../postgres/postgres-grant.ts";

/** SQL of a dynamic role; Vault puts name, password and end in place of `{{name}}`, `{{password}}`, `{{expiration}}`. */
export interface RoleStatements {
  /** Makes a login. */
  readonly creation: readonly string[];
  /** Moves its end. */
  readonly renewal: readonly string[];
  /** Takes it away with everything it was given. Must succeed when it is gone already. */
  readonly revocation: readonly string[];
  /** Takes away what a failed creation left. */
  readonly rollback: readonly string[];
}

/** What the logins of a role belong to. */
export interface LoginGroup {
  /** The role that holds their privileges. */
  readonly group: string;
  /** The role that gets what they leave behind. */
  readonly remains: string;
  /** What the group may do. */
  readonly grants: readonly PostgresGrant[];
}

// A login may make functions, operators and types of the names used here. None of them is found by what runs as Vault's login:
// the path is set by a call that is qualified, and each expression after it is looked up only when it is run.
const ownPath = "PERFORM pg_catalog.set_config('search_path', 'pg_catalog', true);";

function waitAtMost(milliseconds: number): string {
  return `PERFORM pg_catalog.set_config('lock_timeout', '${milliseconds}', true);`;
}

const isThere = "EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{{name}}')";

const endSessions =
  "PERFORM pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = '{{name}}';";

/**
 * Renders the SQL of a dynamic role whose logins are members of a group. Vault runs each list in one transaction, and locks the
 * whole connection meanwhile: so nothing waits for long, and nothing waits for what a login can hold.
 *
 * @param args What the logins belong to.
 * @returns The statements.
 */
export function renderLoginStatements(args: LoginGroup): RoleStatements {
  const removal = [shut(), "COMMIT", closed(), removed(args)];
  return {
    creation: [
      `CREATE ROLE "{{name}}" LOGIN INHERIT PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
      joined(args.group),
    ],
    renewal: [`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`],
    revocation: removal,
    rollback: removal,
  };
}

/** One statement, which Vault's plugin recognises by its END and does not cut at the semicolons. */
function block(declarations: string, ...body: readonly string[]): string {
  return ["DO $$", declarations, "BEGIN", ownPath, ...body, "END $$"].filter((part) => part !== "").join(" ");
}

/** Where the server knows the difference, a member of the group may use what it may, and not act as it. */
function joined(group: string): string {
  return block(
    "",
    waitAtMost(5_000),
    "IF current_setting('server_version_num')::int4 >= 160000",
    `THEN EXECUTE 'GRANT "${group}" TO "{{name}}" WITH INHERIT TRUE, SET FALSE';`,
    `ELSE EXECUTE 'GRANT "${group}" TO "{{name}}"';`,
    "END IF;",
  );
}

/**
 * Ends the sessions, whose uncommitted changes to their own role would block the next step. Vault's login makes itself a member
 * first: since Postgres 16 it could otherwise neither end the sessions of a login that it made nor reach what that login owns.
 */
function shut(): string {
  return block(
    "",
    waitAtMost(5_000),
    `IF ${isThere} THEN`,
    'GRANT "{{name}}" TO CURRENT_USER;',
    endSessions,
    "END IF;",
  );
}

/**
 * Lets nobody in any more. What comes before has committed, and so does this, by itself: whatever fails later, the login stays
 * closed. One that comes back faster than its sessions end and changes its own password meanwhile is tried again.
 */
function closed(): string {
  return block(
    "",
    waitAtMost(500),
    `IF ${isThere} THEN FOR attempt IN 1..40 LOOP BEGIN`,
    endSessions,
    'ALTER ROLE "{{name}}" NOLOGIN PASSWORD NULL CONNECTION LIMIT 0;',
    "EXIT;",
    "EXCEPTION WHEN OTHERS THEN",
    "IF attempt = 40 THEN RAISE; END IF;",
    "PERFORM pg_stat_clear_snapshot();",
    "PERFORM pg_sleep(0.02);",
    "END; END LOOP; END IF;",
  );
}

/** More objects than these are not moved while Vault waits; the next `up` does it. */
const objectsAtOnce = 500;

/**
 * Gives what the login owns to a role that may do nothing, and drops it. What keeps it from that is noted at the role, which
 * stays closed and without its group: whoever could make a revocation fail could stop those after it.
 *
 * @param args What the login belongs to.
 * @param limit How many objects are moved at most.
 * @returns One statement.
 */
export function removed({ group, remains, grants }: LoginGroup, limit: number = objectsAtOnce): string {
  return block(
    "DECLARE item pg_catalog.text; place record; reason pg_catalog.text; detail pg_catalog.text;",
    waitAtMost(2_000),
    `IF ${isThere} THEN`,
    'GRANT "{{name}}" TO CURRENT_USER;',
    ...sessionsAwaited,
    ...attempt(harmlessFunctions),
    ...attempt(
      `IF (SELECT count(*) > ${limit} ${heldBy("'o'")}) THEN RAISE 'it owns more than ${limit} objects'; END IF;`,
      ...fromTheGroup({ group, remains }),
      // For most there is nothing more to do, and no row of a catalog that two at once would change.
      `IF EXISTS (SELECT ${heldBy("'o', 'a'")}) THEN`,
      `GRANT "${remains}" TO CURRENT_USER;`,
      harmlessViews,
      roomFor(remains),
      ...grants.flatMap((grant) => shared(grant, group)),
      `REASSIGN OWNED BY "{{name}}" TO "${remains}";`,
      grantedByOthers,
      'DROP OWNED BY "{{name}}";',
      `REVOKE "${remains}" FROM CURRENT_USER;`,
      "END IF;",
    ),
    "IF reason IS NULL THEN",
    ...attempt('DROP ROLE "{{name}}";'),
    "END IF;",
    "IF reason IS NOT NULL THEN",
    ...attempt(`REVOKE "${group}" FROM "{{name}}";`),
    `EXECUTE format('COMMENT ON ROLE %I IS %L', '{{name}}', concat_ws(': ', 'closed by ${group}', reason, nullif(detail, '')));`,
    "RAISE WARNING 'login {{name}} is closed, its role stays: % %', reason, detail;",
    "END IF; END IF;",
  );
}

/** Those that have ended by themselves or are to; one that does not end has no login and no password to come back by. */
const sessionsAwaited = [
  "FOR attempt IN 1..50 LOOP",
  "PERFORM pg_stat_clear_snapshot();",
  endSessions,
  "EXIT WHEN NOT FOUND;",
  "PERFORM pg_sleep(0.02);",
  "END LOOP;",
] as const;

/** All of it happens or nothing; the first reason that something did not is kept. */
function attempt(...statements: readonly string[]): string[] {
  const keep = "GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;";
  return ["BEGIN", ...statements, "EXCEPTION WHEN OTHERS THEN", "IF reason IS NULL THEN", keep, "END IF;", "END;"];
}

/** What depends on the login: its own ("o"), and what it was granted ("a"). */
function heldBy(kinds: string): string {
  return [
    "FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid",
    `WHERE r.rolname = '{{name}}' AND d.refclassid = 'pg_authid'::regclass AND d.deptype IN (${kinds})`,
  ].join(" ");
}

/** What would act with the rights of its owner acts with those of its caller from now on. */
const harmlessFunctions = [
  "FOR item IN SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner",
  "WHERE r.rolname = '{{name}}' AND p.prosecdef LOOP",
  "EXECUTE 'ALTER ROUTINE ' || item || ' SECURITY INVOKER'; END LOOP;",
].join(" ");

const harmlessViews = [
  "IF current_setting('server_version_num')::int4 >= 150000 THEN",
  "FOR item IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner",
  "WHERE r.rolname = '{{name}}' AND c.relkind = 'v' LOOP",
  "EXECUTE 'ALTER VIEW ' || item || ' SET (security_invoker = true)'; END LOOP; END IF;",
].join(" ");

/**
 * Functions, operators, publications and their like are only taken over by who may create where they are. It may go on to: nobody can act as it.
 * A schema that another login made is opened as that login, whose member Vault's may make itself.
 */
function roomFor(remains: string): string {
  return [
    "FOR place IN SELECT DISTINCT n.nspname, n.nspowner::regrole AS nspowner, pg_has_role(n.nspowner, 'USAGE') AS able",
    "FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid JOIN pg_database b ON b.oid = d.dbid",
    "CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i",
    "JOIN pg_namespace n ON quote_ident(n.nspname) = i.schema AND n.nspname !~ '^pg_'",
    "WHERE r.rolname = '{{name}}' AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'",
    `AND b.datname = current_database() AND NOT has_schema_privilege('${remains}', n.oid, 'CREATE') LOOP`,
    "IF NOT place.able THEN EXECUTE format('GRANT %s TO CURRENT_USER', place.nspowner); END IF;",
    `EXECUTE format('GRANT CREATE ON SCHEMA %I TO "${remains}"', place.nspname); END LOOP;`,
    "IF EXISTS (SELECT FROM pg_publication p JOIN pg_roles r ON r.oid = p.pubowner WHERE r.rolname = '{{name}}') THEN",
    `EXECUTE format('GRANT CREATE ON DATABASE %I TO "${remains}"', current_database()); END IF;`,
  ].join(" ");
}

/** What another login granted to this one is taken back as that other one, which Vault's made and so may become a member of. */
const grantedByOthers = [
  "FOR item IN SELECT DISTINCT o.owner::regrole::text FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid",
  "JOIN pg_database b ON b.oid = d.dbid AND b.datname = current_database() CROSS JOIN LATERAL (",
  "SELECT relowner AS owner FROM pg_class WHERE oid = d.objid AND d.classid = 'pg_class'::regclass",
  "UNION ALL SELECT nspowner FROM pg_namespace WHERE oid = d.objid AND d.classid = 'pg_namespace'::regclass",
  "UNION ALL SELECT proowner FROM pg_proc WHERE oid = d.objid AND d.classid = 'pg_proc'::regclass",
  "UNION ALL SELECT typowner FROM pg_type WHERE oid = d.objid AND d.classid = 'pg_type'::regclass",
  "UNION ALL SELECT lomowner FROM pg_largeobject_metadata WHERE oid = d.objid AND d.classid = 'pg_largeobject'::regclass",
  "UNION ALL SELECT defaclrole FROM pg_default_acl WHERE oid = d.objid AND d.classid = 'pg_default_acl'::regclass",
  ") o JOIN pg_auth_members m ON m.roleid = o.owner AND m.admin_option JOIN pg_roles v ON v.oid = m.member",
  "WHERE r.rolname = '{{name}}' AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'a'",
  "AND v.rolname = CURRENT_USER AND NOT pg_has_role(o.owner, 'USAGE') LOOP",
  "EXECUTE format('GRANT %s TO CURRENT_USER', item); END LOOP;",
].join(" ");

/** Before Postgres 16 a member may act as the group, and what it made then belongs to the group. */
function fromTheGroup({ group, remains }: Pick<LoginGroup, "group" | "remains">): string[] {
  return [
    "IF current_setting('server_version_num')::int4 < 160000 THEN",
    `GRANT "${group}", "${remains}" TO CURRENT_USER;`,
    `REASSIGN OWNED BY "${group}" TO "${remains}";`,
    `REVOKE "${group}", "${remains}" FROM CURRENT_USER;`,
    "END IF;",
  ];
}

/** The next logins of the role go on with the tables that this one made where the role may use all of them. */
function shared(grant: PostgresGrant, group: string): string[] {
  if (grant.on === "database" || grant.on === "schema") return [];
  if (membersOf(grant) !== "all") return [];
  const [kind, kinds] = grant.on === "tables" ? ["TABLE", "'r', 'p', 'v', 'm', 'f'"] : ["SEQUENCE", "'S'"];
  return [
    "FOR item IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner",
    `JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rolname = '{{name}}' AND n.nspname = '${grant.schema}'`,
    `AND c.relkind IN (${kinds}) LOOP`,
    `EXECUTE 'GRANT ${grant.privileges.join(", ").toUpperCase()} ON ${kind} ' || item || ' TO "${group}"'; END LOOP;`,
  ];
}
