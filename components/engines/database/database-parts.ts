import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { recordAccess, vaultOf } from "../../access/matrix/access-ledger.ts";
import { adopting } from "../../shared/child-options.ts";
import { toSeconds } from "../../../shared/units.ts";
import type { VaultSession } from "../../vault/bootstrap/vault-session.ts";
import type { DatabaseConnection } from "./database-connection.ts";
import { databaseTypes } from "./database-kind.ts";
import { DatabaseLogin } from "./database-login.ts";
import { groupName, statementsFingerprint, type DynamicRoleArgs, type StaticRoleArgs } from "./database-roles.ts";
import { LoginBounds } from "./login-bounds.ts";
import { LoginGroup } from "./login-group.ts";
import { LoginMakers } from "./login-makers.ts";
import { renderLoginStatements, type RoleStatements } from "./login-statements.ts";
import { RoleLeases } from "./role-leases.ts";

/** What the parts of one database engine share. */
export interface EngineBuild {
  /** Name of the engine. */
  readonly name: string;
  /** Options of its children inside Vault. */
  readonly child: pulumi.CustomResourceOptions;
  readonly session: VaultSession;
  readonly mount: vault.Mount;
  readonly connection: vault.database.SecretBackendConnection;
  readonly adopt: boolean | undefined;
}

/** Vault's own login in Postgres. */
export interface VaultLogin {
  /** Its password; the outputs resolve once Vault can log in. */
  readonly password: DatabaseLogin;
  /** Its name; resolves once the login exists, along with what makes logins for it. */
  readonly username: pulumi.Output<string>;
}

type PostgresConnection = Extract<DatabaseConnection, { readonly kind: "postgres" }>;

/**
 * Makes Vault's own login in Postgres, with a password that only Vault knows.
 * @param roles The dynamic roles whose logins are made for it.
 */
export function createVaultLogin(
  build: EngineBuild,
  postgres: PostgresConnection,
  roles: readonly DynamicRoleArgs[],
): VaultLogin {
  const { name, session, mount, adopt } = build;
  const { database, login } = postgres;
  const options = insideDatabase(build, postgres);
  const role = new postgresql.Role(
    `${name}-login`,
    { name: login, login: true, createRole: true, superuser: false },
    // Managed by Vault from now on: the password, and the memberships, since it is a member of each login it makes.
    pulumi.mergeOptions(adopting(options, adopt, login), { ignoreChanges: ["password", "roles"] }),
  );
  const membership = new postgresql.GrantRole(
    `${name}-login-owner`,
    { role: role.name, grantRole: database.owner },
    options,
  );
  const inDatabase = withDatabase(build, postgres);
  new LoginBounds(`${name}-bounds`, { database, login: membership.role }, inDatabase);
  const hasGroups = roles.some(({ definition }) => definition.kind === "grants");
  const makers = hasGroups ? new LoginMakers(`${name}-makers`, { database, login: membership.role }, inDatabase) : null;
  const password = new DatabaseLogin(
    `${name}-login-password`,
    {
      session,
      mount: mount.path,
      connection: build.connection.name,
      postgres: database.server.target,
      adminUsername: database.server.adminUsername,
      adminPassword: database.server.adminPassword,
      username: membership.role,
    },
    build.child,
  );
  return { password, username: makers?.login ?? membership.role };
}

/** Options for what is inside the database instead of inside Vault. */
function insideDatabase(build: EngineBuild, postgres: PostgresConnection): pulumi.CustomResourceOptions {
  return { ...withDatabase(build, postgres), provider: postgres.database.server.provider };
}

/** The same for dynamic resources, which have no provider plugin. */
function withDatabase({ child }: EngineBuild, { database }: PostgresConnection): pulumi.CustomResourceOptions {
  const options = { ...child };
  delete options.deletedWith;
  return database.deletedWith === undefined ? options : { ...options, deletedWith: database.deletedWith };
}

/** A dynamic role to make. */
interface DynamicRoleBuild {
  readonly roleName: string;
  readonly role: DynamicRoleArgs;
  readonly connection: DatabaseConnection;
  /** Vault's own login; null for a connection that gets its password from the program. */
  readonly login: VaultLogin | null;
}

/**
 * Makes a dynamic role and proves that it works.
 * @returns Its leases, which come between the role and those who use it.
 */
export function createDynamicRole(build: EngineBuild, args: DynamicRoleBuild): { readonly leases: RoleLeases } {
  const { name, child, session, mount } = build;
  const { roleName, role, login } = args;
  const statements = roleStatements(build, args);
  const inputs = {
    backend: mount.path,
    name: roleName,
    dbName: build.connection.name,
    creationStatements: statements.apply(({ creation }) => [...creation]),
    renewStatements: statements.apply(({ renewal }) => [...renewal]),
    revocationStatements: statements.apply(({ revocation }) => [...revocation]),
    rollbackStatements: statements.apply(({ rollback }) => [...rollback]),
    defaultTtl: toSeconds(role.defaultTtl),
    maxTtl: toSeconds(role.maxTtl),
  };
  const created = new vault.database.SecretBackendRole(`${name}-${roleName}`, inputs, child);
  recordAccess(vaultOf(mount), databaseTypes.role, inputs);
  const leases = new RoleLeases(
    `${name}-${roleName}-leases`,
    {
      session,
      mount: created.backend,
      role: created.name,
      roleFingerprint: statements.apply(statementsFingerprint),
      loginGeneration: login?.password.generation ?? "",
    },
    drainOptions(child, args.connection),
  );
  return { leases };
}

/** Logins in a server that stays must be removed in any case; those in a server that is deleted go with it. */
function drainOptions(
  child: pulumi.CustomResourceOptions,
  connection: DatabaseConnection,
): pulumi.CustomResourceOptions {
  if (connection.kind === "postgres" && connection.database.deletedWith !== undefined) return child;
  const options = { ...child };
  delete options.deletedWith;
  return options;
}

/** The SQL of a role; for one declared by grants, only once the group that holds them exists. */
function roleStatements(build: EngineBuild, args: DynamicRoleBuild): pulumi.Output<RoleStatements> {
  const { roleName, role, connection, login } = args;
  const { definition } = role;
  if (definition.kind === "sql") {
    const { creation, renewal = [], revocation, rollback = [] } = definition;
    return pulumi.output({ creation, renewal, revocation, rollback });
  }
  if (connection.kind !== "postgres" || login === null) throw new Error("grants without Postgres: refused before");
  const { group } = new LoginGroup(
    `${build.name}-${roleName}-group`,
    {
      database: connection.database,
      login: login.username,
      group: groupName(connection.login, roleName),
      grants: definition.grants,
    },
    withDatabase(build, connection),
  );
  return group.apply((ready) => renderLoginStatements({ group: ready, login: connection.login }));
}

/** A static role to make. */
interface StaticRoleBuild {
  readonly roleName: string;
  readonly role: StaticRoleArgs;
  readonly postgres: PostgresConnection;
  readonly login: VaultLogin;
  /**
   * Proofs of the dynamic roles: they report quickly what the Vault plugin would find out only after minutes of
   * attempts.
   */
  readonly proofs: readonly RoleLeases[];
}

/** Makes a separate login for a static role, and the role, which changes the login's password at once. */
export function createStaticRole(build: EngineBuild, args: StaticRoleBuild): vault.database.SecretBackendStaticRole {
  const { name, child, mount, connection, adopt } = build;
  const { roleName, role, postgres, login, proofs } = args;
  const options = insideDatabase(build, postgres);
  const username = role.username ?? roleName;
  const user = new postgresql.Role(
    `${name}-${roleName}-login`,
    { name: username, login: true, ...(role.ownerMember === true && { roles: [postgres.database.owner] }) },
    pulumi.mergeOptions(adopting(options, adopt, username), { ignoreChanges: ["password"] }),
  );
  // Since Postgres 16, whoever changes the password of another role must have the admin option on it.
  const administrator = new postgresql.GrantRole(
    `${name}-${roleName}-login-vault`,
    { role: login.password.username, grantRole: user.name, withAdminOption: true },
    options,
  );
  const inputs = {
    backend: mount.path,
    name: roleName,
    dbName: connection.name,
    username: administrator.grantRole,
    rotationPeriod: toSeconds(role.rotationPeriod),
  };
  recordAccess(vaultOf(mount), databaseTypes.staticRole, inputs);
  return new vault.database.SecretBackendStaticRole(
    `${name}-${roleName}`,
    inputs,
    pulumi.mergeOptions(child, { dependsOn: [...proofs] }),
  );
}
