/** Works out what to grant a group from what exists in its database. Pure. */
import { escapeIdentifier } from "pg";
import { membersOf, type PostgresGrant } from "./postgres-grant.ts";

type Kind = "database" | "schema" | "table" | "sequence";

/** Something in the database that privileges can be granted on. */
export interface DatabaseObject {
  readonly kind: Kind;
  /** Empty for a database or a schema. */
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** Whether it is part of an extension: then the extension's owner made it, not somebody working in the database. */
  readonly ofExtension: boolean;
  /** What everybody (`PUBLIC`) may do with it. */
  readonly everybody: readonly string[];
  /** What the group may do with it. */
  readonly group: readonly string[];
}

/** Privileges that the group gets on objects that the owner creates later. */
export interface DefaultPrivileges {
  readonly kind: "table" | "sequence";
  readonly schema: string;
  readonly group: readonly string[];
}

/** What exists. */
export interface Snapshot {
  readonly objects: readonly DatabaseObject[];
  readonly defaults: readonly DefaultPrivileges[];
}

/** Who is who in the database. */
export interface Parties {
  readonly database: string;
  readonly group: string;
  readonly owner: string;
  /** The role that owns what ended logins left behind. */
  readonly remains: string;
}

/** What is to be done. */
export interface GroupPlan {
  /** Statements, each to be run as the owner of what it is about. */
  readonly statements: readonly { readonly as: string; readonly text: string }[];
  /** What is left out, and why. */
  readonly warnings: readonly string[];
}

/**
 * Compares what a group may do with what it should be able to do. What others own is left alone: its owners grant on
 * it.
 */
export function planOf(grants: readonly PostgresGrant[], snapshot: Snapshot, parties: Parties): GroupPlan {
  const objects = snapshot.objects.map((object) => change(object, wantedOf(object, grants, parties), parties));
  const defaults = defaultsOf(grants, snapshot).map((entry) => defaultChange(entry, parties));
  return {
    statements: [...objects.flatMap(({ statements }) => statements), ...defaults.flat()],
    warnings: [...objects.flatMap(({ warnings }) => warnings), ...absent(grants, snapshot, parties)],
  };
}

function upper(privileges: readonly string[]): string[] {
  return privileges.map((privilege) => privilege.toUpperCase());
}

function wantedOf(object: DatabaseObject, grants: readonly PostgresGrant[], parties: Parties): string[] {
  const wanted = grants
    .filter((grant) => covers(grant, object, parties))
    .flatMap(({ privileges }) => upper(privileges));
  return [...new Set(wanted)];
}

function kindOf(on: "tables" | "sequences"): "table" | "sequence" {
  return on === "tables" ? "table" : "sequence";
}

function covers(grant: PostgresGrant, { kind, schema, name }: DatabaseObject, { database }: Parties): boolean {
  if (grant.on === "database") return kind === "database" && name === database;
  if (grant.on === "schema") return kind === "schema" && name === grant.schema;
  const names = membersOf(grant);
  if (kind !== kindOf(grant.on) || schema !== grant.schema) return false;
  return names === "all" || names.includes(name);
}

interface Change {
  readonly statements: GroupPlan["statements"];
  readonly warnings: readonly string[];
}

function change(object: DatabaseObject, wanted: readonly string[], parties: Parties): Change {
  const { owner, group, everybody } = object;
  const missing = wanted.filter((privilege) => !group.includes(privilege));
  const excess = group.filter((privilege) => !wanted.includes(privilege));
  // Since Postgres 15 the owner of the database owns its schema `public` as well.
  if (owner === parties.owner || owner === "pg_database_owner") {
    return { statements: statementsOf(object, { missing, excess }, parties, parties.owner), warnings: [] };
  }
  // Privileges on what ended logins left behind were granted when they ended; here only those that the role has lost
  // are revoked.
  if (owner === parties.remains) {
    return { statements: statementsOf(object, { missing: [], excess }, parties, owner), warnings: [] };
  }
  const lacking = missing.filter((privilege) => !everybody.includes(privilege));
  if (lacking.length === 0 || object.ofExtension) return { statements: [], warnings: [] };
  const warning =
    `${lacking.join(", ")} on ${described(object)} is left out, because it belongs to ${owner}; ` +
    `let its owner grant it to ${parties.group}, or give it to ${parties.owner}`;
  return { statements: [], warnings: [warning] };
}

function described({ kind, schema, name }: Pick<DatabaseObject, "kind" | "schema" | "name">): string {
  return `${kind} ${schema === "" ? name : `${schema}.${name}`}`;
}

function statementsOf(
  { kind, schema, name }: DatabaseObject,
  { missing, excess }: { readonly missing: readonly string[]; readonly excess: readonly string[] },
  { group }: Parties,
  as: string,
): GroupPlan["statements"] {
  const path = [...(schema === "" ? [] : [schema]), name].map(escapeIdentifier).join(".");
  const target = `ON ${kind.toUpperCase()} ${path}`;
  const role = escapeIdentifier(group);
  return [
    ...(excess.length === 0 ? [] : [{ as, text: `REVOKE ${excess.join(", ")} ${target} FROM ${role}` }]),
    ...(missing.length === 0 ? [] : [{ as, text: `GRANT ${missing.join(", ")} ${target} TO ${role}` }]),
  ];
}

interface WantedDefaults extends DefaultPrivileges {
  readonly wanted: readonly string[];
}

function defaultsOf(grants: readonly PostgresGrant[], { defaults, objects }: Snapshot): WantedDefaults[] {
  const schemas = objects.filter(({ kind }) => kind === "schema").map(({ name }) => name);
  const wanted = grants.flatMap((grant) => {
    if (grant.on === "database" || grant.on === "schema" || !schemas.includes(grant.schema)) return [];
    if (membersOf(grant) !== "all") return [];
    return [{ kind: kindOf(grant.on), schema: grant.schema, privileges: upper(grant.privileges) }];
  });
  const places = [...wanted, ...defaults].map(({ kind, schema }) => JSON.stringify([kind, schema]));
  return [...new Set(places)].map((place) => {
    const [kind, schema] = JSON.parse(place) as [DefaultPrivileges["kind"], string];
    const isHere = (entry: { readonly kind: string; readonly schema: string }): boolean =>
      entry.kind === kind && entry.schema === schema;
    return {
      kind,
      schema,
      wanted: [...new Set(wanted.filter(isHere).flatMap(({ privileges }) => privileges))],
      group: defaults.filter(isHere).flatMap(({ group }) => group),
    };
  });
}

function defaultChange({ kind, schema, wanted, group }: WantedDefaults, parties: Parties): GroupPlan["statements"] {
  const inSchema = schema === "" ? "" : ` IN SCHEMA ${escapeIdentifier(schema)}`;
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${escapeIdentifier(parties.owner)}${inSchema}`;
  const role = escapeIdentifier(parties.group);
  const missing = wanted.filter((privilege) => !group.includes(privilege));
  const excess = group.filter((privilege) => !wanted.includes(privilege));
  const on = `ON ${kind.toUpperCase()}S`;
  const as = parties.owner;
  return [
    ...(excess.length === 0 ? [] : [{ as, text: `${alter} REVOKE ${excess.join(", ")} ${on} FROM ${role}` }]),
    ...(missing.length === 0 ? [] : [{ as, text: `${alter} GRANT ${missing.join(", ")} ${on} TO ${role}` }]),
  ];
}

/** What the grants name and does not exist yet. */
function absent(grants: readonly PostgresGrant[], { objects }: Snapshot, { group }: Parties): string[] {
  const isThere = (kind: Kind, schema: string, name: string): boolean =>
    objects.some((object) => object.kind === kind && object.schema === schema && object.name === name);
  const named = grants.flatMap((grant): [Kind, string, string][] => {
    if (grant.on === "database") return [];
    const place: [Kind, string, string] = ["schema", "", grant.schema];
    if (grant.on === "schema") return [place];
    const names = membersOf(grant);
    if (names === "all") return [place];
    return names.map((name): [Kind, string, string] => [kindOf(grant.on), grant.schema, name]);
  });
  const missing = named.filter(([kind, schema, name]) => !isThere(kind, schema, name));
  const lacking = missing.map(([kind, schema, name]) => described({ kind, schema, name }));
  return [...new Set(lacking)].map(
    (what) => `${what} does not exist, and ${group} has no grant on it; make it and run \`up\` again`,
  );
}
