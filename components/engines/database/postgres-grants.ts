import { fault } from "../../../shared/errors.ts";
import type { PostgresGrant } from "../../../protocol/database/logins/postgres-grant.ts";
import { postgresNameFaults } from "../../postgres/postgres-name.ts";

/** Every fault of a role's grants. */
export function postgresGrantFaults(path: string, grants: readonly PostgresGrant[]): string[] {
  if (grants.length === 0) return [fault(path, "must hold at least one", [], "a login without a grant is of no use")];
  return grants.flatMap((grant, index) => grantFaults(`${path}[${index}]`, grant));
}

function grantFaults(at: string, grant: PostgresGrant): string[] {
  const faults = "schema" in grant ? postgresNameFaults(`${at}.schema`, grant.schema) : [];
  const [key, names] = grant.on === "tables" ? (["tables", grant.tables] as const) : namesOf(grant);
  if (grant.privileges.length === 0) {
    faults.push(fault(`${at}.privileges`, "must hold at least one", [], "name a privilege or remove the grant"));
  }
  if ((grant.privileges as readonly string[]).includes("trigger")) {
    const remedy = "whoever may make triggers acts as everybody who writes the table, its owner too";
    faults.push(fault(`${at}.privileges`, "must not hold trigger", grant.privileges, remedy));
  }
  if (names === undefined || names === "all") return faults;
  if (names.length === 0) {
    faults.push(fault(`${at}.${key}`, "must name at least one", [], `leave it out for all ${key}`));
  }
  return [...faults, ...names.flatMap((name, index) => postgresNameFaults(`${at}.${key}[${index}]`, name))];
}

function namesOf(grant: PostgresGrant): readonly [string, readonly string[] | "all" | undefined] {
  return grant.on === "sequences" ? ["sequences", grant.sequences] : ["", undefined];
}
