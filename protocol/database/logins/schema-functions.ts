/** Compares a schema of functions as it should be with what the catalog says. */
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { z } from "zod";
import { actingOut } from "../admin-session.ts";
import type { FunctionSchema, SqlFunction } from "./maker-functions.ts";

/** One statement and the role it runs as. */
export interface OwnedStatement {
  readonly as: string;
  readonly text: string;
}

const texts = z.array(z.string());
const schemaRow = z.object({ owner: z.string(), callers: texts });
const functionRow = z.object({
  name: z.string(),
  arguments: z.string(),
  owner: z.string(),
  isDefiner: z.boolean(),
  settings: texts,
  body: z.string(),
  callers: texts,
});

function callers(acl: string, owner: string): string {
  return (
    `ARRAY(SELECT DISTINCT CASE a.grantee WHEN 0::oid THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END ` +
    `FROM aclexplode(${acl}) a WHERE a.grantee <> ${owner} ORDER BY 1)`
  );
}

const schemaQuery = `
SELECT pg_get_userbyid(nspowner)::text AS "owner", ${callers("coalesce(nspacl, acldefault('n', nspowner))", "nspowner")} AS "callers"
  FROM pg_namespace WHERE nspname = $1`;

const functionsQuery = `
SELECT p.proname::text AS "name", pg_get_function_identity_arguments(p.oid) AS "arguments",
       pg_get_userbyid(p.proowner)::text AS "owner", p.prosecdef AS "isDefiner", coalesce(p.proconfig, '{}') AS "settings",
       p.prosrc AS "body", ${callers("coalesce(p.proacl, acldefault('f', p.proowner))", "p.proowner")} AS "callers"
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1`;

const ownPath = "search_path=pg_catalog, pg_temp";

/**
 * The statements needed for a schema to hold these functions and nothing else that can be called.
 *
 * @throws when a schema of that name belongs to somebody else, who could put functions beside these.
 */
export async function schemaStatements(client: Client, wanted: FunctionSchema): Promise<OwnedStatement[]> {
  const [row] = (await client.query(schemaQuery, [wanted.schema])).rows as unknown[];
  const found = row === undefined ? null : schemaRow.parse(row);
  if (found !== null && found.owner !== wanted.owner) {
    throw new Error(`schema ${wanted.schema} exists and belongs to ${found.owner}; rename it, and look who made it`);
  }
  const { owner, schema } = wanted;
  const there = ((await client.query(functionsQuery, [schema])).rows as unknown[]).map((entry) =>
    functionRow.parse(entry),
  );
  const strays = there.filter((entry) => !wanted.functions.some((each) => isSame(each, entry)));
  return [
    ...(found === null ? [{ as: owner, text: `CREATE SCHEMA ${escapeIdentifier(schema)}` }] : []),
    ...access(`SCHEMA ${escapeIdentifier(schema)}`, "USAGE", wanted, found?.callers ?? []),
    ...strays.map((entry) => ({ as: owner, text: `DROP ROUTINE ${signature(schema, entry)} CASCADE` })),
    ...wanted.functions.flatMap((each) =>
      functionStatements(
        schema,
        each,
        there.find((entry) => isSame(each, entry)),
      ),
    ),
  ];
}

/** Drops a schema, within a transaction; a schema of that name that belongs to somebody else stays. */
export async function dropSchema(
  client: Client,
  { schema, owner }: Pick<FunctionSchema, "schema" | "owner">,
): Promise<void> {
  const [row] = (await client.query(schemaQuery, [schema])).rows as unknown[];
  if (row === undefined || schemaRow.parse(row).owner !== owner) return;
  await actingOut(client, [{ as: owner, text: `DROP SCHEMA ${escapeIdentifier(schema)} CASCADE` }]);
}

type FoundFunction = z.infer<typeof functionRow>;

function isSame(wanted: SqlFunction, found: FoundFunction): boolean {
  return wanted.name === found.name && wanted.arguments === found.arguments && wanted.owner === found.owner;
}

function signature(schema: string, { name, arguments: given }: Pick<SqlFunction, "name" | "arguments">): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}(${given})`;
}

function functionStatements(schema: string, wanted: SqlFunction, found: FoundFunction | undefined): OwnedStatement[] {
  const { owner, isDefiner, body, returns, isIndexed = false } = wanted;
  const settings = [ownPath, ...(isIndexed ? ["enable_seqscan=off"] : [])];
  const target = signature(schema, wanted);
  const isRight = found?.body === body && found.isDefiner === isDefiner && found.settings.join() === settings.join();
  const text =
    `CREATE OR REPLACE FUNCTION ${target} RETURNS ${returns} LANGUAGE plpgsql ` +
    `SECURITY ${isDefiner ? "DEFINER" : "INVOKER"} ${settings.map((setting) => `SET ${setting}`).join(" ")} AS ${escapeLiteral(body)}`;
  return [
    ...(isRight ? [] : [{ as: owner, text }]),
    // By default everybody may call a new function.
    ...access(`FUNCTION ${target}`, "EXECUTE", wanted, found?.callers ?? ["PUBLIC"]),
  ];
}

function access(
  target: string,
  privilege: string,
  { owner, callers: wanted }: Pick<SqlFunction, "owner" | "callers">,
  found: readonly string[],
): OwnedStatement[] {
  const excess = found.filter((caller) => !wanted.includes(caller));
  const missing = wanted.filter((caller) => !found.includes(caller));
  return [
    ...excess.map((caller) => ({
      as: owner,
      text: `REVOKE ALL ON ${target} FROM ${caller === "PUBLIC" ? caller : escapeIdentifier(caller)} CASCADE`,
    })),
    ...missing.map((caller) => ({ as: owner, text: `GRANT ${privilege} ON ${target} TO ${escapeIdentifier(caller)}` })),
  ];
}
