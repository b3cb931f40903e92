import { afterAll } from "vitest";
import { Client, escapeIdentifier } from "pg";
import type { PostgresAdminInputs } from "../../protocol/database/admin-session.ts";
import { FakeKubernetes } from "../support/fake-kubernetes.ts";
import { type LocalPostgres, startPostgres } from "../support/local-postgres.ts";
import { PostgresRelay } from "../support/postgres-relay.ts";
import type { WalkedWorld } from "../support/request-walk.ts";

/** A Postgres that cases share: each has roles and a schema of its own in it. */
export interface WalkedPostgres {
  readonly server: LocalPostgres;
  /** The superuser. */
  readonly admin: Client;
  /** Ends it. */
  readonly stop: () => Promise<void>;
}

/** Starts one. */
export async function openPostgres(): Promise<WalkedPostgres> {
  const server = await startPostgres();
  const admin = new Client({ host: "127.0.0.1", port: server.port, user: "postgres", password: server.password });
  await admin.connect();
  const stop = async (): Promise<void> => {
    await admin.end();
    await server.stop();
  };
  return { server, admin, stop };
}

/** Starts one that ends with the tests. */
export async function walkedPostgres(): Promise<WalkedPostgres> {
  const postgres = await openPostgres();
  afterAll(postgres.stop);
  return postgres;
}

/** The login that makes roles in a server where nobody is a superuser. */
export const roleMaker = "rds_admin";

/** Makes that login. */
export async function makeRoleMaker({ admin, server }: WalkedPostgres): Promise<void> {
  await admin.query(`CREATE ROLE ${roleMaker} LOGIN CREATEDB CREATEROLE PASSWORD '${server.password}'`);
}

/**
 * A world in which there is Postgres alone.
 *
 * @param own What the names of the world's roles begin with, when there are so many that they must not outlive it.
 */
export async function postgresWorld(
  { server, admin }: WalkedPostgres,
  own?: string,
): Promise<Required<Pick<WalkedWorld, "world" | "relay">>> {
  const kube = new FakeKubernetes("postgres", "postgres", []);
  await kube.listen();
  const close = async (): Promise<void> => {
    await kube.close();
    if (own !== undefined) await dropRoles(admin, own);
  };
  return { world: { kube, vaults: [], close }, relay: await PostgresRelay.start(server.port) };
}

/** Drops them, with what is theirs: of each by itself, since one default of two of them would be dropped twice. */
async function dropRoles(admin: Client, own: string): Promise<void> {
  const { rows } = await admin.query<{ role: string }>(
    `SELECT quote_ident(rolname) AS "role" FROM pg_roles WHERE rolname ~ ('^(v-)?' || $1 || '[a-z-]')`,
    [own],
  );
  const roles = rows.map(({ role }) => role);
  const texts = [...roles.map((role) => `DROP OWNED BY ${role} CASCADE`), `DROP ROLE ${roles.join(", ")}`];
  if (roles.length > 0) await admin.query(texts.join("; "));
}

/** The way of an admin login into a database, past the relay or, by the server's own port, straight. */
export function wayIn(
  { server }: WalkedPostgres,
  { port }: { readonly port: number },
  adminUsername: string,
  database: string,
): PostgresAdminInputs {
  const postgres = { kind: "address", host: "127.0.0.1", port, tls: null } as const;
  return { postgres, adminUsername, adminPassword: server.password, database };
}

/** What the engine calls of a resource that looks whether it is still as it should be. */
interface LookingResource<Inputs> {
  create(inputs: Inputs): Promise<{ readonly outs?: object }>;
  diff(id: string, olds: Inputs, news: Inputs): Promise<{ readonly changes?: boolean }>;
  update(id: string, olds: Inputs, news: Inputs): Promise<{ readonly outs?: object }>;
}

/**
 * Runs such a resource as the engine does.
 * @param before What the state says before the first run; null for nothing.
 * @returns One run.
 */
export function runOf<Inputs extends PostgresAdminInputs>(
  resource: LookingResource<Inputs>,
  inputs: Inputs,
  before: Inputs | null,
): WalkedWorld["run"] {
  const secret = { adminPassword: inputs.adminPassword };
  return async (_, state) => {
    const olds = state === null ? before : { ...(state as Inputs), ...secret };
    return { ...(await stateAfter(resource, inputs, olds)), adminPassword: null };
  };
}

async function stateAfter<Inputs extends object>(
  resource: LookingResource<Inputs>,
  inputs: Inputs,
  olds: Inputs | null,
): Promise<object> {
  if (olds === null) return (await resource.create(inputs)).outs ?? {};
  const { changes } = await resource.diff("id", olds, inputs);
  return changes === true ? ((await resource.update("id", olds, inputs)).outs ?? {}) : olds;
}

/** What a role that logs in nowhere has become, in words; nothing while it is what it should be. */
export async function faultsOfGroup(admin: Client, role: string): Promise<string[]> {
  const { rows } = await admin.query<{ powers: boolean; member: boolean }>(
    `SELECT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS "powers",
            EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS "member"
       FROM pg_roles r WHERE rolname = $1`,
    [role],
  );
  if (rows.length !== 1) return [`there are ${rows.length} roles ${role}`];
  return [
    ...(rows[0]?.powers === true ? [`${role} has powers`] : []),
    ...(rows[0]?.member === true ? [`${role} is a member`] : []),
  ];
}

/** Makes a role of no powers. */
export async function makeGroup(client: Client, role: string): Promise<void> {
  await client.query(`CREATE ROLE ${escapeIdentifier(role)} NOLOGIN`);
}
