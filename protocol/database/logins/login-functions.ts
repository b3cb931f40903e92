import { endSessions, groupRemoval, type LoginGroup } from "./login-removal.ts";
import { anyMaker, makersOf, type FunctionSchema } from "./maker-functions.ts";

/**
 * The functions with which Vault makes the logins of a group and removes them. Each acts through the maker of its
 * login, and refuses any other role. Nothing waits for long, and nothing waits for what a login can hold, because Vault
 * locks the whole connection meanwhile.
 * @returns A schema of the group's name.
 */
export function groupFunctions(args: LoginGroup): FunctionSchema {
  const { group, login } = args;
  const { hub, schema } = makersOf(login);
  const shared = { owner: hub, isDefiner: true, callers: [login], returns: "void" } as const;
  const byItsMaker = (milliseconds: number, task: string, values = "login"): string =>
    [
      `DECLARE maker int4 := "${schema}".maker_of(login);`,
      "BEGIN IF maker IS NULL THEN RETURN; END IF;",
      waitAtMost(milliseconds),
      `PERFORM "${schema}".run(maker, 'DO ' || quote_literal(format($task$${task}$task$, ${values}))); END`,
    ].join(" ");
  return {
    schema: group,
    owner: hub,
    callers: [login],
    functions: [
      { ...shared, name: "make", arguments: "login text, password text, until text", body: made(group, schema) },
      { ...shared, name: "extend", arguments: "login text, until text", body: extended(schema) },
      { ...shared, name: "shut", arguments: "login text", body: byItsMaker(5_000, shut) },
      { ...shared, name: "close", arguments: "login text", body: byItsMaker(500, closed) },
      {
        ...shared,
        name: "remove",
        arguments: "login text, at_most integer",
        body: byItsMaker(2_000, groupRemoval(args), "login, at_most"),
      },
    ],
  };
}

function waitAtMost(milliseconds: number): string {
  return `PERFORM set_config('lock_timeout', '${milliseconds}', true);`;
}

/**
 * Where the server can tell the two apart, a member of the group may use what the group may, but not act as the group.
 */
function made(group: string, schema: string): string {
  return [
    "DECLARE later boolean := current_setting('server_version_num')::int4 >= 160000;",
    "BEGIN IF login !~ '^v-' OR octet_length(login) > 63 THEN",
    "RAISE invalid_parameter_value USING MESSAGE = format('login: must begin with v- and have at most 63 bytes, got %s', login);",
    "END IF;",
    waitAtMost(5_000),
    `PERFORM "${schema}".run(${anyMaker}, format('CREATE ROLE %1$I LOGIN INHERIT PASSWORD %2$L VALID UNTIL %3$L%4$s; GRANT %5$I TO %1$I%6$s',`,
    "login, password, until,",
    // A newer server records this by itself.
    "CASE WHEN later THEN '' ELSE ' ADMIN CURRENT_USER' END,",
    `'${group}', CASE WHEN later THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END)); END`,
  ].join(" ");
}

function extended(schema: string): string {
  return [
    `DECLARE maker int4 := "${schema}".maker_of(login); BEGIN IF maker IS NULL THEN`,
    "RAISE undefined_object USING MESSAGE = format('login %s is gone', login); END IF;",
    `PERFORM "${schema}".run(maker, format('ALTER ROLE %I VALID UNTIL %L', login, until)); END`,
  ].join(" ");
}

/**
 * Ends the sessions: their uncommitted changes to their own role would block the next step. The maker makes itself a
 * member of the login first: since Postgres 16 it could otherwise neither end the sessions of a login that it made nor
 * reach what that login owns.
 */
const shut = `BEGIN GRANT %1$I TO CURRENT_USER; ${endSessions} END`;

/**
 * Lets nobody in any more. The step before has committed, and this one commits by itself too: whatever fails later, the
 * login stays closed. If a login reconnects faster than its sessions end and changes its own password meanwhile, this
 * is tried again.
 */
const closed = [
  "BEGIN FOR attempt IN 1..40 LOOP BEGIN",
  endSessions,
  "ALTER ROLE %1$I NOLOGIN PASSWORD NULL CONNECTION LIMIT 0;",
  "EXIT;",
  "EXCEPTION WHEN OTHERS THEN",
  "IF attempt = 40 THEN RAISE; END IF;",
  "PERFORM pg_stat_clear_snapshot();",
  "PERFORM pg_sleep(0.02);",
  "END; END LOOP; END",
].join(" ");
