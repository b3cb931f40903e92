/**
 * `postgres:LoginMakers` for Pulumi: check → pure; create, update → make the roles that make logins, and the functions
 * that they work through; diff → check whether they are as they should be; read → the known state; delete → remove
 * them.
 */
import { type Client, escapeIdentifier } from "pg";
import { makerFunctions, makersOf } from "./maker-functions.ts";
import { actingOut, asAdmin, inTransaction, serverOf, type PostgresAdminInputs } from "../admin-session.ts";
import { defineResource } from "../../frame/resource-frame.ts";
import { dropSchema, schemaStatements } from "./schema-functions.ts";

/** Inputs of `postgres:LoginMakers`. */
export interface LoginMakersInputs extends PostgresAdminInputs {
  /** Vault's own login in the server. */
  readonly login: string;
  readonly owner: string;
  readonly protocolVersion: number;
}

/**
 * Makes the roles and their functions. Deleting it removes the functions, and the roles if no other database of the
 * server needs them.
 */
export const { check, diff, create, update, read, delete_ } = defineResource<Client, LoginMakersInputs>({
  inside: asAdmin,
  idOf: ({ database, login }) => `${database}/${login}`,
  faults: (faults, inputs) => {
    for (const name of ["adminUsername", "database", "login", "owner"] as const) faults.text(name, inputs[name]);
  },
  compared: ["database", "login", "owner", "protocolVersion", "postgres", "adminUsername", "adminPassword"],
  identity: ["database", "login"],
  find: async (client, inputs) => {
    if ((await roleStatements(client, inputs)).length > 0) return true;
    return (await schemaStatements(client, makerFunctions(inputs.login))).length > 0;
  },
  reconcile: async (client, inputs) => {
    await inTransaction(client, async () => {
      await client.query((await roleStatements(client, inputs)).join("; "));
      await actingOut(client, await schemaStatements(client, makerFunctions(inputs.login)));
    });
    return {};
  },
  remove: async (client, { login }) => {
    const { hub, makers, schema } = makersOf(login);
    const there = await known(client, [hub, ...makers]);
    if (there.size === 0) return;
    await inTransaction(client, () => dropSchema(client, { schema, owner: hub }));
    const roles = [...there.keys()].map(escapeIdentifier).join(", ");
    await client.query(
      `DO $$ BEGIN DROP ROLE ${roles}; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$`,
    );
  },
});

/** Each role that exists, and whether it may do what it should and nothing else. */
async function known(client: Client, names: readonly string[]): Promise<Map<string, boolean>> {
  const { rows } = await client.query<{ name: string; right: boolean }>(
    `SELECT rolname::text AS "name", rolcreaterole = (rolname <> $2) AND rolinherit AND NOT (rolcanlogin OR rolsuper OR
            rolcreatedb OR rolreplication OR rolbypassrls) AS "right" FROM pg_roles WHERE rolname = ANY($1::text[])`,
    [names, names[0]],
  );
  return new Map(rows.map(({ name, right }) => [name, right]));
}

/** @throws when one of the roles exists already and may do something else. */
async function roleStatements(client: Client, { login, owner }: LoginMakersInputs): Promise<string[]> {
  const { hub, makers } = makersOf(login);
  const there = await known(client, [hub, ...makers]);
  const wrong = [...there].filter(([, isRight]) => !isRight).map(([name]) => name);
  if (wrong.length > 0) {
    throw new Error(`role ${wrong.join(", ")} exists and is none that makes logins; rename it, and look who made it`);
  }
  const { version } = await serverOf(client);
  const { rows } = await client.query<{ of: string; member: string }>(
    `SELECT pg_get_userbyid(roleid)::text AS "of", pg_get_userbyid(member)::text AS "member" FROM pg_auth_members
      WHERE pg_get_userbyid(member) = ANY($1::text[]) AND pg_get_userbyid(roleid) = ANY($2::text[])`,
    [
      [hub, ...makers],
      [hub, owner],
    ],
  );
  const joined = new Set(rows.map(({ of, member }) => JSON.stringify([of, member])));
  const missing = makers.filter((maker) => !joined.has(JSON.stringify([hub, maker])));
  const inheriting = version < 160_000 ? "" : " WITH INHERIT TRUE, SET FALSE";
  return [
    ...(there.has(hub) ? [] : [`CREATE ROLE ${escapeIdentifier(hub)} NOLOGIN`]),
    ...makers
      .filter((maker) => !there.has(maker))
      .map((maker) => `CREATE ROLE ${escapeIdentifier(maker)} NOLOGIN CREATEROLE`),
    ...(joined.has(JSON.stringify([owner, hub]))
      ? []
      : [`GRANT ${escapeIdentifier(owner)} TO ${escapeIdentifier(hub)}${inheriting}`]),
    ...(missing.length === 0
      ? []
      : [`GRANT ${escapeIdentifier(hub)} TO ${missing.map(escapeIdentifier).join(", ")}${inheriting}`]),
  ];
}
