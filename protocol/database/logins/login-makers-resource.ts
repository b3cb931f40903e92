/**
 * `postgres:LoginMakers` for Pulumi: check → pure; create, update → the roles that make logins, and the functions that they work
 * by; diff → look whether it is so; read → as it is known; delete → take them away.
 */
import type { dynamic } from "@pulumi/pulumi";
import { type Client, escapeIdentifier } from "pg";
import { makerFunctions, makersOf } from "./maker-functions.ts";
import { actingOut, asAdmin, inTransaction, serverOf } from "../admin-session.ts";
import { Faults } from "../../frame/faults.ts";
import { glance } from "../../frame/glance.ts";
import { withoutProvider } from "../../frame/partial-failure.ts";
import { dropSchema, schemaStatements } from "./schema-functions.ts";
import type { LoginMakersInputs } from "../../types.ts";
import { changedProperties, replacedProperties } from "../../frame/unknown.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export function check(
  _olds: LoginMakersInputs,
  news: LoginMakersInputs,
): Promise<dynamic.CheckResult<LoginMakersInputs>> {
  const faults = new Faults();
  for (const name of ["adminUsername", "database", "login", "owner"] as const) faults.text(name, news[name]);
  faults.integer("protocolVersion", news.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  return Promise.resolve({ inputs: news, failures: faults.list });
}

const identity = ["database", "login"] as const;
const kept = [...identity, "owner", "protocolVersion", "postgres", "adminUsername", "adminPassword"] as const;

/** An update when an input changed, or somebody changed a role or a function. */
export async function diff(_id: string, olds: LoginMakersInputs, news: LoginMakersInputs): Promise<dynamic.DiffResult> {
  const replaces = replacedProperties<LoginMakersInputs>(olds, news, identity);
  const changed = changedProperties<LoginMakersInputs>(olds, news, kept);
  if (changed.length > 0) return { changes: true, replaces };
  const isOff = await glance(() =>
    asAdmin(news, async (client) => {
      if ((await roleStatements(client, news)).length > 0) return true;
      return (await schemaStatements(client, makerFunctions(news.login))).length > 0;
    }),
  );
  return { changes: isOff === true, replaces };
}

/** Makes them. */
export async function create(inputs: LoginMakersInputs): Promise<dynamic.CreateResult<LoginMakersInputs>> {
  await establish(inputs);
  return { id: `${inputs.database}/${inputs.login}`, outs: withoutProvider(inputs) };
}

/** The same: what is there already stays. */
export async function update(
  _id: string,
  _olds: LoginMakersInputs,
  news: LoginMakersInputs,
): Promise<dynamic.UpdateResult<LoginMakersInputs>> {
  await establish(news);
  return { outs: withoutProvider(news) };
}

/** As it is known; whether it is still so is for diff to find out. */
export function read(id: string, props: LoginMakersInputs): Promise<dynamic.ReadResult<LoginMakersInputs>> {
  return Promise.resolve({ id, props });
}

/** Takes the functions away, and the roles that no other database of the server needs. */
export async function delete_(_id: string, props: LoginMakersInputs): Promise<void> {
  const { hub, makers, schema } = makersOf(props.login);
  await asAdmin(props, async (client) => {
    const there = await known(client, [hub, ...makers]);
    if (there.size === 0) return;
    await inTransaction(client, () => dropSchema(client, { schema, owner: hub }));
    const roles = [...there.keys()].map(escapeIdentifier).join(", ");
    await client.query(
      `DO $$ BEGIN DROP ROLE ${roles}; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$`,
    );
  });
}

async function establish(inputs: LoginMakersInputs): Promise<void> {
  await asAdmin(inputs, (client) =>
    inTransaction(client, async () => {
      await client.query((await roleStatements(client, inputs)).join("; "));
      await actingOut(client, await schemaStatements(client, makerFunctions(inputs.login)));
    }),
  );
}

/** Each role, and whether it may do what it is to and nothing else. */
async function known(client: Client, names: readonly string[]): Promise<Map<string, boolean>> {
  const { rows } = await client.query<{ name: string; right: boolean }>(
    `SELECT rolname::text AS "name", rolcreaterole = (rolname <> $2) AND rolinherit AND NOT (rolcanlogin OR rolsuper OR
            rolcreatedb OR rolreplication OR rolbypassrls) AS "right" FROM pg_roles WHERE rolname = ANY($1::text[])`,
    [names, names[0]],
  );
  return new Map(rows.map(({ name, right }) => [name, right]));
}

/** @throws when one of the roles is there and may do something else. */
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
