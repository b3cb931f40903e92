/**
 * `postgres:LoginBounds` for Pulumi: check → pure; create, update → in a server of the stack's own, keep logins out of
 * other databases, and let Vault's login connect when all other connections are taken; diff → check whether it is so,
 * and report what somebody else's server allows; read → the known state; delete → nothing, since the server goes with
 * the stack.
 */
import { type Client, escapeIdentifier } from "pg";
import { asAdmin, inTransaction, serverOf, warn, type PostgresAdminInputs } from "../admin-session.ts";
import { defineResource } from "../../frame/resource-frame.ts";

/** Inputs of `postgres:LoginBounds`. */
export interface LoginBoundsInputs extends PostgresAdminInputs {
  /** Vault's own login in the server. */
  readonly login: string;
  /** Whether the stack is the only user of the server. */
  readonly own: boolean;
  readonly protocolVersion: number;
}

/** Closes what is open in a server of the stack's own, and reports what is open in any other. */
export const { check, diff, create, update, read, delete_ } = defineResource<Client, LoginBoundsInputs>({
  inside: asAdmin,
  idOf: ({ database, login }) => `${database}/${login}`,
  faults: (faults, inputs) => {
    for (const name of ["adminUsername", "database", "login"] as const) faults.text(name, inputs[name]);
  },
  compared: ["database", "login", "own", "protocolVersion", "postgres", "adminUsername", "adminPassword"],
  find: async (client, inputs) => {
    if (inputs.own) return (await openings(client, inputs)).length > 0;
    warn("Postgres", await allowances(client, inputs));
    return false;
  },
  reconcile: async (client, inputs) => {
    if (inputs.own) await close(client, inputs);
    else warn("Postgres", await allowances(client, inputs));
    return {};
  },
});

async function close(client: Client, inputs: LoginBoundsInputs): Promise<void> {
  await inTransaction(client, async () => {
    for (const statement of await openings(client, inputs)) await client.query(statement);
  });
}

/** The statements that close what is still open in the stack's own server. */
async function openings(client: Client, { database, login }: LoginBoundsInputs): Promise<string[]> {
  const closed = ["postgres", "template1", database];
  const { rows } = await client.query<{ name: string }>(
    `SELECT d.datname::text AS "name" FROM pg_database d
      WHERE d.datname = ANY($1::text[]) AND EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
            WHERE a.grantee = 0::oid AND a.privilege_type IN ('CONNECT', 'TEMPORARY')) ORDER BY 1`,
    [closed],
  );
  const revocations = rows.map(
    ({ name }) => `REVOKE CONNECT, TEMPORARY ON DATABASE ${escapeIdentifier(name)} FROM PUBLIC`,
  );
  const { version } = await serverOf(client);
  if (version < 160_000) return revocations;
  const reserved = await client.query(
    `SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles l ON l.oid = m.member
      WHERE r.rolname = 'pg_use_reserved_connections' AND l.rolname = $1`,
    [login],
  );
  const grant = `GRANT pg_use_reserved_connections TO ${escapeIdentifier(login)}`;
  return reserved.rows.length > 0 ? revocations : [...revocations, grant];
}

/**
 * What a login may do beyond its grants in a server that has other users. Closing it is up to them, so it is only
 * reported.
 */
async function allowances(client: Client, { database, login }: LoginBoundsInputs): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT d.datname::text AS "name" FROM pg_database d WHERE d.datallowconn AND d.datname <> $1
        AND EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                     WHERE a.grantee = 0::oid AND a.privilege_type = 'CONNECT') ORDER BY 1`,
    [database],
  );
  const { version } = await serverOf(client);
  const { rows: prepared } = await client.query<{ limit: number }>(
    `SELECT current_setting('max_prepared_transactions')::int AS "limit"`,
  );
  const open = rows.map(({ name }) => name).join(", ");
  return [
    ...(open === ""
      ? []
      : [
          `logins of ${login} may connect to ${open} as well, as everybody may, and what they leave there keeps their roles; ` +
            `REVOKE CONNECT ON DATABASE … FROM PUBLIC, where no one else relies on it`,
        ]),
    ...(version >= 160_000
      ? []
      : [`this server lets logins of ${login} act as the group of their role; from Postgres 16 on it does not`]),
    ...(prepared[0]?.limit === 0
      ? []
      : [
          `logins of ${login} may prepare transactions, whose locks outlive them; set max_prepared_transactions to 0, ` +
            "where nobody uses them",
        ]),
  ];
}
