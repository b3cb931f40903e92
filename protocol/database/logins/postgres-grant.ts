/** What a login may do with what: a list of names, or all there are and all that the owner adds later. */
export type PostgresGrant =
  | { readonly on: "database"; readonly privileges: readonly ("connect" | "create" | "temporary")[] }
  | { readonly on: "schema"; readonly schema: string; readonly privileges: readonly ("usage" | "create")[] }
  | {
      readonly on: "tables";
      readonly schema: string;
      /** @default "all" */
      readonly tables?: readonly string[] | "all";
      readonly privileges: readonly ("select" | "insert" | "update" | "delete" | "truncate" | "references")[];
    }
  | {
      readonly on: "sequences";
      readonly schema: string;
      /** @default "all" */
      readonly sequences?: readonly string[] | "all";
      readonly privileges: readonly ("usage" | "select" | "update")[];
    };

/** A grant on things in a schema. */
type MembersGrant = Extract<PostgresGrant, { readonly on: "tables" | "sequences" }>;

/**
 * Which things in its schema a grant is on.
 * @returns Their names, or all there are.
 */
export function membersOf(grant: MembersGrant): readonly string[] | "all" {
  return (grant.on === "tables" ? grant.tables : grant.sequences) ?? "all";
}
