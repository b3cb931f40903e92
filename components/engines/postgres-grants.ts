import { fault } from "../shared/errors.ts";
import { postgresNameFaults } from "../postgres/postgres-name.ts";

/** What a login may do with what. A list of names or all there are, and all there will be while the login lives. */
export type PostgresGrant =
  | { readonly on: "database"; readonly privileges: readonly ("connect" | "create" | "temporary")[] }
  | { readonly on: "schema"; readonly schema: string; readonly privileges: readonly ("usage" | "create")[] }
  | {
      readonly on: "tables";
      readonly schema: string;
      /** @default "all" */
      readonly tables?: readonly string[] | "all";
      readonly privileges: readonly (
        "select" | "insert" | "update" | "delete" | "truncate" | "references" | "trigger"
      )[];
    }
  | {
      readonly on: "sequences";
      readonly schema: string;
      /** @default "all" */
      readonly sequences?: readonly string[] | "all";
      readonly privileges: readonly ("usage" | "select" | "update")[];
    };

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

/** Where a login is made. */
export interface GrantScope {
  readonly database: string;
  /** Role that owns what is granted and inherits what a login leaves behind; Vault's own login is its member. */
  readonly owner: string;
}

// Grants on the same object at the same time fail with "tuple concurrently updated": they queue up here instead.
const lock = "SELECT pg_advisory_xact_lock(hashtextextended('vaultstack.grants', 0))";

/**
 * Renders the SQL of a dynamic role from what its logins may do. Vault runs each list in one transaction.
 *
 * Vault's login makes itself a member of each login it makes: since Postgres 16 it could otherwise neither reach what that
 * login owns nor end its sessions.
 * @param grants What a login may do; check it with {@link postgresGrantFaults}.
 * @param scope Where the login is made.
 * @returns The statements.
 */
export function renderGrants(grants: readonly PostgresGrant[], { database, owner }: GrantScope): RoleStatements {
  return {
    creation: [
      lock,
      `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
      'GRANT "{{name}}" TO CURRENT_USER',
      ...grants.flatMap((grant) => grantStatements(grant, database, owner)),
    ],
    renewal: [`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`],
    revocation: [removal(owner)],
    rollback: [removal(owner)],
  };
}

/** One statement, which Vault's plugin recognises by its END and does not cut at the semicolons. */
function removal(owner: string): string {
  return [
    "DO $$ BEGIN",
    "IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{{name}}') THEN",
    "PERFORM pg_advisory_xact_lock(hashtextextended('vaultstack.grants', 0));",
    'GRANT "{{name}}" TO CURRENT_USER;',
    'ALTER ROLE "{{name}}" NOLOGIN;',
    "PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}';",
    `REASSIGN OWNED BY "{{name}}" TO "${owner}";`,
    'DROP OWNED BY "{{name}}";',
    'DROP ROLE "{{name}}";',
    "END IF; END $$",
  ].join(" ");
}

function grantStatements(grant: PostgresGrant, database: string, owner: string): string[] {
  const privileges = grant.privileges.map((privilege) => privilege.toUpperCase()).join(", ");
  const to = 'TO "{{name}}"';
  switch (grant.on) {
    case "database":
      return [`GRANT ${privileges} ON DATABASE "${database}" ${to}`];
    case "schema":
      return [`GRANT ${privileges} ON SCHEMA "${grant.schema}" ${to}`];
    case "tables":
      return memberStatements("TABLE", privileges, { owner, schema: grant.schema, names: grant.tables ?? "all" });
    case "sequences":
      return memberStatements("SEQUENCE", privileges, { owner, schema: grant.schema, names: grant.sequences ?? "all" });
  }
}

interface Members {
  readonly owner: string;
  readonly schema: string;
  readonly names: readonly string[] | "all";
}

function memberStatements(kind: "TABLE" | "SEQUENCE", privileges: string, { owner, schema, names }: Members): string[] {
  if (names !== "all") {
    const listed = names.map((name) => `"${schema}"."${name}"`).join(", ");
    return [`GRANT ${privileges} ON ${kind} ${listed} TO "{{name}}"`];
  }
  return [
    `GRANT ${privileges} ON ALL ${kind}S IN SCHEMA "${schema}" TO "{{name}}"`,
    // For those the owner makes while the login lives, as a migration does.
    `ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" IN SCHEMA "${schema}" GRANT ${privileges} ON ${kind}S TO "{{name}}"`,
  ];
}

/**
 * Every fault of a role's grants.
 * @param path Where the grants stand.
 * @param grants The grants to judge.
 * @returns The faults in the caller's words; empty when there are none.
 */
export function postgresGrantFaults(path: string, grants: readonly PostgresGrant[]): string[] {
  if (grants.length === 0) return [fault(path, "must hold at least one", [], "a login without a grant is of no use")];
  return grants.flatMap((grant, index) => grantFaults(`${path}[${index}]`, grant));
}

function grantFaults(at: string, grant: PostgresGrant): string[] {
  const faults = "schema" in grant ? postgresNameFaults(`${at}.schema`, grant.schema) : [];
  const [key, names] = grant.on === "tables" ? (["tables", grant.tables] as const) : namesOf(grant);
  if (grant.privileges.length === 0) {
    faults.push(fault(`${at}.privileges`, "must hold at least one", [], "name a privilege or remove the grant"));
  }
  if (names === undefined || names === "all") return faults;
  if (names.length === 0) {
    faults.push(fault(`${at}.${key}`, "must name at least one", [], `leave it out for all ${key}`));
  }
  return [...faults, ...names.flatMap((name, index) => postgresNameFaults(`${at}.${key}[${index}]`, name))];
}

function namesOf(grant: PostgresGrant): readonly [string, readonly string[] | "all" | undefined] {
  return grant.on === "sequences" ? ["sequences", grant.sequences] : ["", undefined];
}
