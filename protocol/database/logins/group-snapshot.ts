/** What the catalog of a database says about a group. Every session here looks names up in pg_catalog alone. */
import type { Client } from "pg";
import { z } from "zod";
import type { DatabaseObject, DefaultPrivileges, Snapshot } from "./group-privileges.ts";
import type { LoginGroupInputs } from "./login-group-resource.ts";

const texts = z.array(z.string());
const object = z.object({
  kind: z.enum(["database", "schema", "table", "sequence"]),
  schema: z.string(),
  name: z.string(),
  owner: z.string(),
  ofExtension: z.boolean(),
  everybody: texts,
  group: texts,
});
const defaults = z.object({ kind: z.enum(["table", "sequence"]), schema: z.string(), group: texts });

function privileges(acl: string, grantee: string): string {
  return `ARRAY(SELECT DISTINCT a.privilege_type::text FROM aclexplode(${acl}) a WHERE a.grantee = ${grantee})`;
}

function columns(acl: string): string {
  return `${privileges(acl, "0::oid")} AS "everybody", ${privileges(acl, "(SELECT oid FROM wanted)")} AS "group"`;
}

/** $1 is the group, $2 the schemas of its grants. */
const objectsQuery = `
WITH wanted AS (SELECT oid FROM pg_roles WHERE rolname = $1)
SELECT 'database' AS "kind", '' AS "schema", d.datname::text AS "name", pg_get_userbyid(d.datdba)::text AS "owner",
       false AS "ofExtension", ${columns("coalesce(d.datacl, acldefault('d', d.datdba))")}
  FROM pg_database d WHERE d.datname = current_database()
UNION ALL
SELECT 'schema', '', n.nspname::text, pg_get_userbyid(n.nspowner)::text, false,
       ${columns("coalesce(n.nspacl, acldefault('n', n.nspowner))")}
  FROM pg_namespace n WHERE n.nspname = ANY($2::text[]) OR n.nspacl::text LIKE '%' || $1::text || '%'
UNION ALL
SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, n.nspname::text, c.relname::text,
       pg_get_userbyid(c.relowner)::text,
       EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'),
       ${columns("c.relacl")}
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
   AND (n.nspname = ANY($2::text[]) OR c.relacl::text LIKE '%' || $1::text || '%')
   -- What a login that is still open made is its own.
   AND NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.member = c.relowner AND m.roleid = (SELECT oid FROM wanted))`;

/** $1 is the group, $2 the owner. */
const defaultsQuery = `
WITH wanted AS (SELECT oid FROM pg_roles WHERE rolname = $1)
SELECT CASE d.defaclobjtype WHEN 'S' THEN 'sequence' ELSE 'table' END AS "kind", coalesce(n.nspname::text, '') AS "schema",
       ${privileges("d.defaclacl", "(SELECT oid FROM wanted)")} AS "group"
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
 WHERE d.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = $2) AND d.defaclobjtype IN ('r', 'S')`;

/** Looks at everything that the grants of a group are about, and at what else it was granted. */
export async function snapshotOf(client: Client, { group, owner, grants }: LoginGroupInputs): Promise<Snapshot> {
  const schemas = grants.flatMap((grant) => ("schema" in grant ? [grant.schema] : []));
  const objects = (await client.query(objectsQuery, [group, schemas])).rows as unknown[];
  const entries = (await client.query(defaultsQuery, [group, owner])).rows as unknown[];
  return {
    objects: objects.map((row): DatabaseObject => object.parse(row)),
    defaults: entries.map((row): DefaultPrivileges => defaults.parse(row)).filter((entry) => entry.group.length > 0),
  };
}
