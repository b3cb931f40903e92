/** A function in Postgres that looks names up in `pg_catalog` alone, whatever the search path of its caller. */
export interface SqlFunction {
  readonly name: string;
  /** Names and types of its arguments, as the catalog writes them. */
  readonly arguments: string;
  readonly returns: "void" | "integer";
  readonly owner: string;
  /** Whether it acts as its owner instead of its caller. */
  readonly isDefiner: boolean;
  /** Who may call it besides its owner; nobody else may. */
  readonly callers: readonly string[];
  /** Whether it uses an index however few rows there are: its plans are kept while their number grows to thousands. */
  readonly isIndexed?: boolean;
  /** PL/pgSQL. */
  readonly body: string;
}

/** A schema and its owner, with these functions and no others. */
export interface FunctionSchema {
  readonly schema: string;
  readonly owner: string;
  /** Who may use the schema. */
  readonly callers: readonly string[];
  readonly functions: readonly SqlFunction[];
}

/**
 * Since Postgres 16 each maker is a member of the logins it made, and gets slower with each of them: with ten thousand
 * logins open, each has 78.
 */
const makerCount = 128;

/**
 * Who makes the logins of an engine. No name in the settings has a dot, so none of these can be meant for another role.
 */
export interface Makers {
  /**
   * Has the other rights that making and removing logins needs, and may call each maker; the makers are its members.
   */
  readonly hub: string;
  /** The roles that make logins and do nothing else. */
  readonly makers: readonly string[];
  /** The schema of the functions that they work through. */
  readonly schema: string;
}

/** Bytes that the longest of their names adds to the name of Vault's login. */
export const makerSuffixBytes = `.maker-${makerCount}`.length;

/** Names the makers of the logins of an engine. */
export function makersOf(login: string): Makers {
  const makers = Array.from({ length: makerCount }, (_, index) => `${login}.maker-${index + 1}`);
  return { hub: `${login}.makers`, makers, schema: `${login}.makers` };
}

/**
 * SQL that is true for a role that a maker made or took over.
 * @param role SQL of the role's oid.
 */
export function isMade(login: string, role: string): string {
  return `EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = ${role} AND m.admin_option AND ${memberName} ~ '${pattern(login)}')`;
}

// Not a join: its plan would be made for the few logins there are at first, and kept.
const memberName = "pg_get_userbyid(m.member)";

// Without a backslash, which sessions may read in either of two ways.
function pattern(login: string): string {
  return `^${login}[.]maker-[0-9]+$`;
}

/** SQL for the number of a random maker. */
export const anyMaker = `1 + floor(random() * ${makerCount})::int4`;

/** The functions that the makers of an engine work through. */
export function makerFunctions(login: string): FunctionSchema {
  const { hub, makers, schema } = makersOf(login);
  const ofHub = { owner: hub, isDefiner: false, callers: [], returns: "void" } as const;
  return {
    schema,
    owner: hub,
    callers: [login],
    functions: [
      ...makers.map((owner, index) => ({
        ...ofHub,
        name: `run-${index + 1}`,
        arguments: "statement text",
        owner,
        isDefiner: true,
        callers: [hub],
        body: "BEGIN EXECUTE statement; END",
      })),
      {
        ...ofHub,
        name: "run",
        arguments: "maker integer, statement text",
        body: `BEGIN EXECUTE format('SELECT "${schema}".%I($1)', 'run-' || maker) USING statement; END`,
      },
      {
        ...ofHub,
        name: "maker_of",
        arguments: "login text",
        returns: "integer",
        isIndexed: true,
        body: makerOf(login),
      },
      {
        ...ofHub,
        name: "lend",
        arguments: "login text, borrower text",
        body: `BEGIN PERFORM "${schema}".run("${schema}".maker_of(login), format('GRANT %I TO %I', login, borrower)); END`,
      },
      {
        ...ofHub,
        name: "hand_over",
        arguments: "login text, ending boolean",
        callers: [login],
        isIndexed: true,
        body: handOver(login),
      },
    ],
  };
}

/** Which maker a login belongs to; null when the login is gone. Any other role is refused. */
function makerOf(login: string): string {
  return [
    "DECLARE role record; maker int4; BEGIN",
    "SELECT oid, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS able",
    "INTO role FROM pg_roles WHERE rolname = login;",
    "IF NOT FOUND THEN RETURN NULL; END IF;",
    `SELECT min(substr(${memberName}, ${login.length + ".maker-".length + 1})::int4) INTO maker`,
    `FROM pg_auth_members m WHERE m.roleid = role.oid AND m.admin_option AND ${memberName} ~ '${pattern(login)}';`,
    "IF maker IS NULL OR role.able OR login !~ '^v-' THEN",
    "RAISE insufficient_privilege USING MESSAGE = format('role %s is no login that was made here', login); END IF;",
    "RETURN maker; END",
  ].join(" ");
}

/**
 * Hands a login that Vault's login made itself, before there were makers, to a maker. When the login is ending, what
 * Vault's login granted to it is revoked too, since no maker could revoke that. The function acts as its caller, who
 * must have the rights for it.
 */
function handOver(login: string): string {
  return [
    "DECLARE role oid; held oid; BEGIN SELECT oid INTO role FROM pg_roles WHERE rolname = login AND rolname ~ '^v-';",
    `IF role IS NOT NULL AND NOT ${isMade(login, "role")} THEN`,
    `EXECUTE format('GRANT %I TO %I WITH ADMIN OPTION', login, '${login}.maker-' || (${anyMaker})); END IF;`,
    "IF NOT ending THEN RETURN; END IF;",
    "FOR held IN SELECT m.roleid FROM pg_auth_members m WHERE m.member = role AND pg_get_userbyid(m.grantor) = current_user LOOP",
    "EXECUTE format('REVOKE %I FROM %I', pg_get_userbyid(held), login); END LOOP; END",
  ].join(" ");
}
