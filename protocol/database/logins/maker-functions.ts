/** A function in Postgres that finds names in `pg_catalog` alone, whatever its caller looks names up in. */
export interface SqlFunction {
  readonly name: string;
  /** Names and types of its arguments, as the catalog writes them. */
  readonly arguments: string;
  readonly returns: "void" | "integer";
  readonly owner: string;
  /** Whether it acts as its owner instead of its caller. */
  readonly isDefiner: boolean;
  /** Who may call it beside its owner; nobody else may. */
  readonly callers: readonly string[];
  /** Whether it looks things up by an index however few there are; its plans are kept while there come thousands. */
  readonly isIndexed?: boolean;
  /** PL/pgSQL. */
  readonly body: string;
}

/** A schema of its owner's, with these functions and no others. */
export interface FunctionSchema {
  readonly schema: string;
  readonly owner: string;
  /** Who may look names up in it. */
  readonly callers: readonly string[];
  readonly functions: readonly SqlFunction[];
}

/** Since Postgres 16 each is a member of the logins it made, and slower with each: with ten thousand open, of 78. */
const makerCount = 128;

/** Who makes the logins of an engine. No setting has a name with a dot: none can be meant for another role. */
export interface Makers {
  /** May do what making and taking away needs beside that, and start each maker; the makers are its members. */
  readonly hub: string;
  /** The roles that make logins and are given nothing else to do. */
  readonly makers: readonly string[];
  /** Where the functions are that they work by. */
  readonly schema: string;
}

/** Bytes that the longest of their names has beside Vault's login. */
export const makerSuffixBytes = `.maker-${makerCount}`.length;

/** Names who makes the logins of an engine. */
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

// Not a join: the plan would be one for the few logins there are at first, and kept.
const memberName = "pg_get_userbyid(m.member)";

// Without a backslash, which a session may read in two ways.
function pattern(login: string): string {
  return `^${login}[.]maker-[0-9]+$`;
}

/** SQL of the number of any maker. */
export const anyMaker = `1 + floor(random() * ${makerCount})::int4`;

/** The functions that the makers of an engine work by. */
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

/** Which maker a login is of; none of one that is gone. Everything else that there may be is refused. */
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
 * What Vault's login made itself, before there were makers, is a maker's from then on. When it ends, what Vault's login gave to it
 * goes, which no maker could take. It acts as its caller, who must be able to.
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
