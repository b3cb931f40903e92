/**
 * `postgres:LoginGroup` for Pulumi: check → pure; create, update → make the role that holds the privileges of a dynamic
 * role's logins, with these privileges and no others; diff → look at what it has, and which ended logins are still
 * there; read → the known state; delete → remove it.
 */
import { type Client, escapeIdentifier } from "pg";
import { groupFunctions } from "./login-functions.ts";
import { makersOf } from "./maker-functions.ts";
import {
  actingAs,
  actingOut,
  asAdmin,
  inTransaction,
  powersOfRole,
  serverOf,
  warn,
  type PostgresAdminInputs,
} from "../admin-session.ts";
import { planOf } from "./group-privileges.ts";
import { snapshotOf } from "./group-snapshot.ts";
import { dropSchema, schemaStatements, type OwnedStatement } from "./schema-functions.ts";
import { defineResource } from "../../frame/resource-frame.ts";
import type { PostgresGrant } from "./postgres-grant.ts";

/** Inputs of `postgres:LoginGroup`. */
export interface LoginGroupInputs extends PostgresAdminInputs {
  /** Vault's own login in the server. */
  readonly login: string;
  readonly group: string;
  readonly owner: string;
  /** The role that owns what ended logins left behind. */
  readonly remains: string;
  readonly grants: readonly PostgresGrant[];
  readonly protocolVersion: number;
}

/** Makes the group, with these privileges and no others, and removes the ended logins that Vault could not remove. */
export const { check, diff, create, update, read, delete_ } = defineResource<
  Client,
  LoginGroupInputs,
  LoginGroupInputs,
  GroupState
>({
  inside: asAdmin,
  idOf: ({ database, group }) => `${database}/${group}`,
  faults: (faults, inputs) => {
    const names = ["adminUsername", "database", "login", "group", "owner", "remains"] as const;
    for (const name of names) faults.text(name, inputs[name]);
  },
  compared: [
    ...(["group", "database", "login", "owner", "remains", "grants", "protocolVersion"] as const),
    ...(["postgres", "adminUsername", "adminPassword"] as const),
  ],
  identity: ["group", "database"],
  find: stateOf,
  hasWork: (found, inputs) => {
    tell(inputs, found);
    return found.isOff;
  },
  reconcile: async (client, inputs) => {
    await inTransaction(client, async () => {
      await makeGroup(client, inputs);
      await actingOut(client, (await wholePlan(client, inputs)).statements);
    });
    await removeEnded(client, inputs);
    tell(inputs, await stateOf(client, inputs));
    return {};
  },
  remove: async (client, inputs) => {
    await removeEnded(client, inputs);
    tell(inputs, { warnings: [], ended: await endedLogins(client, inputs) });
    await dropGroup(client, inputs);
  },
});

interface GroupState extends Pick<WholePlan, "warnings"> {
  /** Whether there is something that an update would change. */
  readonly isOff: boolean;
  readonly ended: readonly EndedLogin[];
}

async function stateOf(client: Client, inputs: LoginGroupInputs): Promise<GroupState> {
  const { statements, warnings } = await wholePlan(client, inputs);
  const ended = await endedLogins(client, inputs);
  const isReady = await isGivenAway(client, inputs);
  return { warnings, ended, isOff: statements.length > 0 || !isReady || ended.some(({ movable }) => movable) };
}

interface WholePlan {
  readonly statements: readonly OwnedStatement[];
  readonly warnings: readonly string[];
}

/** Its privileges, and the functions that make its members. */
async function wholePlan(client: Client, inputs: LoginGroupInputs): Promise<WholePlan> {
  const { statements, warnings } = planOf(inputs.grants, await snapshotOf(client, inputs), inputs);
  return { statements: [...statements, ...(await schemaStatements(client, groupFunctions(inputs)))], warnings };
}

async function dropGroup(client: Client, inputs: LoginGroupInputs): Promise<void> {
  const { rows } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [inputs.group]);
  if (rows.length === 0) return;
  const [group, remains] = [inputs.group, inputs.remains].map(escapeIdentifier);
  await inTransaction(client, () => dropSchema(client, groupFunctions(inputs)));
  await inTransaction(client, () =>
    actingAs(client, [inputs.group, inputs.remains, inputs.owner], async () => {
      await client.query(`REASSIGN OWNED BY ${group} TO ${remains}`);
      await client.query(`DROP OWNED BY ${group}`);
    }),
  );
  await client.query(`DROP ROLE ${group}`);
}

async function makeGroup(client: Client, inputs: LoginGroupInputs): Promise<void> {
  const { rows } = await client.query<{ powers: boolean }>(
    `SELECT ${powersOfRole} AS "powers" FROM pg_roles WHERE rolname = $1`,
    [inputs.group],
  );
  if (rows[0]?.powers === true) {
    throw new Error(`role ${inputs.group} exists and is more than a group; rename the role of the engine, or that one`);
  }
  const [group, remains, hub] = [inputs.group, inputs.remains, makersOf(inputs.login).hub].map(escapeIdentifier);
  if (rows.length === 0) await client.query(`CREATE ROLE ${group} NOLOGIN`);
  const { version } = await serverOf(client);
  // Before Postgres 16 a role that may create roles may grant membership in any of them.
  if (version < 160_000) return;
  await client.query(`GRANT ${group}, ${remains} TO ${hub} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
}

async function isGivenAway(client: Client, { group, remains, login }: LoginGroupInputs): Promise<boolean> {
  const { version } = await serverOf(client);
  const { rows } = await client.query<{ ready: boolean }>(
    `SELECT count(*) = 2 AND ($3::int < 160000 OR bool_and(EXISTS (SELECT FROM pg_auth_members m
              JOIN pg_roles l ON l.oid = m.member WHERE m.roleid = r.oid AND l.rolname = $2 AND m.admin_option))) AS "ready"
       FROM pg_roles r WHERE r.rolname = ANY($1::text[])`,
    [[group, remains], makersOf(login).hub, version],
  );
  return rows[0]?.ready === true;
}

/** A login that Vault has revoked and whose role is still there. */
interface EndedLogin {
  readonly name: string;
  /** What kept it from being removed. */
  readonly reason: string;
  /** Whether nothing outside this database keeps it. */
  readonly movable: boolean;
}

async function endedLogins(client: Client, { group }: LoginGroupInputs): Promise<EndedLogin[]> {
  const { rows } = await client.query<EndedLogin & { reason: string | null }>(
    `SELECT r.rolname::text AS "name", shobj_description(r.oid, 'pg_authid') AS "reason",
            NOT EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid
                           AND d.dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
              AND NOT EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.owner = r.rolname) AS "movable"
       FROM pg_roles r WHERE NOT r.rolcanlogin AND shobj_description(r.oid, 'pg_authid') LIKE $1 ORDER BY 1`,
    [`closed by ${group.replaceAll("_", "\\_")}: %`],
  );
  return rows;
}

/**
 * Does what Vault could not, as Vault's login. Logins that it made itself, before there were makers, are handed to a
 * maker first.
 */
async function removeEnded(client: Client, inputs: LoginGroupInputs): Promise<void> {
  const { login } = inputs;
  const ended = (await endedLogins(client, inputs)).filter(({ movable }) => movable);
  if (ended.length === 0) return;
  const { version } = await serverOf(client);
  const [group, makers] = [inputs.group, makersOf(login).schema].map(escapeIdentifier);
  const asVault = (text: string, values: readonly unknown[]): Promise<void> =>
    inTransaction(client, () =>
      actingAs(client, [login], async () => {
        await client.query(`SET LOCAL ROLE ${escapeIdentifier(login)}`);
        await client.query(text, [...values]);
      }),
    );
  // Before Postgres 16 the catalog does not record who made a role.
  await asVault(
    `SELECT ${makers}.hand_over(r.rolname, false) FROM pg_roles r WHERE r.rolname LIKE 'v-%' AND NOT r.rolsuper
        AND EXISTS (SELECT FROM pg_auth_members m WHERE (m.roleid = r.oid AND m.admin_option AND pg_get_userbyid(m.member) = $1)
                 OR ($3::int < 160000 AND m.member = r.oid AND pg_get_userbyid(m.roleid) = $2))`,
    [login, inputs.group, version],
  );
  for (const { name } of ended) {
    await asVault(`SELECT ${makers}.hand_over($1, true)`, [name]);
    await asVault(`SELECT ${group}.remove($1, $2)`, [name, 2_147_483_647]);
  }
}

function tell({ group, database }: LoginGroupInputs, found: Pick<GroupState, "warnings" | "ended">): void {
  const left = found.ended.map(
    ({ name, reason }) =>
      `ended login ${name} is closed and its role stays (${reason}); remove what it owns there, then run \`up\` again ` +
      "(docs/runbooks/closed-logins.md)",
  );
  warn(`${group} in database ${database}`, [...found.warnings, ...left]);
}
