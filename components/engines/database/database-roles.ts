import { createHash } from "node:crypto";
import { fault } from "../../../shared/errors.ts";
import { ceilingFaults } from "../../../shared/lease-ceiling.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";
import { vaultNameFaults } from "../../../shared/vault-name.ts";
import { postgresNameFaults } from "../../postgres/postgres-name.ts";
import type { DatabaseConnection } from "./database-connection.ts";
import type { PostgresGrant } from "../../../protocol/database/logins/postgres-grant.ts";
import { makerSuffixBytes } from "../../../protocol/database/logins/maker-functions.ts";
import type { RoleStatements } from "./login-statements.ts";
import { postgresGrantFaults } from "./postgres-grants.ts";

/** How logins are made and removed. */
export type RoleDefinition =
  | {
      /** The SQL is derived from what a login may do. Postgres only. */
      readonly kind: "grants";
      readonly grants: readonly PostgresGrant[];
    }
  | ({
      /** SQL used as it is; Vault fills in `{{name}}`, `{{password}}` and `{{expiration}}`. */
      readonly kind: "sql";
    } & Pick<RoleStatements, "creation" | "revocation"> &
      Partial<Pick<RoleStatements, "renewal" | "rollback">>);

/** A role whose logins are made on request. */
export interface DynamicRoleArgs {
  /** How its logins are made and removed. */
  readonly definition: RoleDefinition;
  /** Lifetime of a login that nobody renews. */
  readonly defaultTtl: Duration;
  /** Its maximum lifetime, however often it is renewed. */
  readonly maxTtl: Duration;
}

/** A role with one login of its own, whose password Vault rotates. Postgres only. */
export interface StaticRoleArgs {
  /** Name of the login, which is made. @default - the role's name */
  readonly username?: string;
  /** Time between two rotations of the password. */
  readonly rotationPeriod: Duration;
  /**
   * Whether it is a member of the database's owner, as needed to migrate a schema; it must then use `SET ROLE`.
   * @default false
   */
  readonly ownerMember?: boolean;
}

/** Roles by their names inside Vault. */
type Roles<Args> = Readonly<Record<string, Args>>;

/**
 * Every fault of an engine's roles.
 * @param maxLeaseTtl Limit of the mount. @default - Vault's own
 */
export function roleFaults(
  connection: DatabaseConnection,
  roles: Roles<DynamicRoleArgs>,
  staticRoles: Roles<StaticRoleArgs>,
  maxLeaseTtl?: Duration,
): string[] {
  const names = [...Object.keys(roles), ...Object.keys(staticRoles)];
  return [
    ...(maxLeaseTtl === undefined ? [] : durationFaults("maxLeaseTtl", maxLeaseTtl)),
    ...Object.entries(roles).flatMap(([name, role]) => ceilingFaults(`roles.${name}.maxTtl`, role.maxTtl, maxLeaseTtl)),
    ...Object.keys(staticRoles)
      .filter((name) => name in roles)
      .map((name) => fault(`staticRoles.${name}`, "must differ from the dynamic roles", name, "rename one of them")),
    ...names.flatMap((name) => vaultNameFaults(name in roles ? `roles.${name}` : `staticRoles.${name}`, name, "role")),
    ...Object.entries(roles).flatMap(([name, role]) => dynamicRoleFaults(`roles.${name}`, role, connection)),
    ...Object.entries(roles).flatMap(([name, role]) => groupFaults(`roles.${name}`, name, role, connection)),
    ...Object.entries(staticRoles).flatMap(([name, role]) =>
      staticRoleFaults(`staticRoles.${name}`, name, role, connection),
    ),
  ];
}

function dynamicRoleFaults(at: string, role: DynamicRoleArgs, { kind }: DatabaseConnection): string[] {
  const { definition, defaultTtl, maxTtl } = role;
  const faults = [...durationFaults(`${at}.defaultTtl`, defaultTtl), ...durationFaults(`${at}.maxTtl`, maxTtl)];
  if (faults.length === 0 && toSeconds(maxTtl) < toSeconds(defaultTtl)) {
    faults.push(fault(`${at}.maxTtl`, `must be at least the defaultTtl of ${defaultTtl}`, maxTtl, "raise it"));
  }
  if (definition.kind === "sql") return [...faults, ...sqlFaults(`${at}.definition`, definition)];
  if (kind !== "postgres") {
    return [...faults, fault(`${at}.definition`, "must be sql", definition.kind, "grants are known for Postgres only")];
  }
  return [...faults, ...postgresGrantFaults(`${at}.definition.grants`, definition.grants)];
}

/** Postgres truncates a longer name, and two could become one. */
function groupFaults(
  at: string,
  name: string,
  { definition }: DynamicRoleArgs,
  connection: DatabaseConnection,
): string[] {
  if (connection.kind !== "postgres" || definition.kind !== "grants") return [];
  const group = groupName(connection.login, name);
  const most = 63 - makerSuffixBytes;
  return [
    ...(Buffer.byteLength(group) <= 63
      ? []
      : [fault(at, "must make a group of at most 63 characters with connection.login", group, "shorten one of them")]),
    ...(Buffer.byteLength(connection.login) <= most
      ? []
      : [fault("connection.login", `must have at most ${most} characters for ${at}`, connection.login, "shorten it")]),
  ];
}

function sqlFaults(at: string, { creation, revocation }: Pick<RoleStatements, "creation" | "revocation">): string[] {
  const faults: string[] = [];
  const text = creation.join("\n");
  for (const part of ["{{name}}", "{{password}}"]) {
    if (!text.includes(part)) {
      faults.push(fault(`${at}.creation`, `must hold ${part}`, creation, "Vault puts its value there"));
    }
  }
  // A login that is no superuser may be denied what Vault does without a revocation statement, and nobody would notice
  // before the first login expires.
  if (!revocation.join("\n").includes("{{name}}")) {
    faults.push(fault(`${at}.revocation`, "must take {{name}} away", revocation, "drop what creation made"));
  }
  return faults;
}

function staticRoleFaults(at: string, name: string, role: StaticRoleArgs, { kind }: DatabaseConnection): string[] {
  const faults = [
    ...postgresNameFaults(`${at}.username`, role.username ?? name),
    ...durationFaults(`${at}.rotationPeriod`, role.rotationPeriod),
  ];
  if (kind !== "postgres") {
    faults.push(fault(at, "must belong to a Postgres connection", kind, "static roles are made in Postgres only"));
  }
  // Vault's own limit.
  if (faults.length === 0 && toSeconds(role.rotationPeriod) < 5) {
    faults.push(fault(`${at}.rotationPeriod`, "must be at least 5s", role.rotationPeriod, "raise it"));
  }
  return faults;
}

/**
 * The name of the Postgres role that holds the privileges of a dynamic role's logins.
 * @param login Name of Vault's own login, one for each engine of a server.
 * @returns The name; check it with {@link roleFaults}.
 */
export function groupName(login: string, roleName: string): string {
  return `${login}-${roleName}`;
}

/**
 * A fingerprint that distinguishes one set of statements from another.
 * @returns 16 hexadecimal digits.
 */
export function statementsFingerprint(statements: RoleStatements): string {
  return createHash("sha256").update(JSON.stringify(statements)).digest("hex").slice(0, 16);
}
