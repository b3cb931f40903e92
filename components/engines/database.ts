import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import type { PolicyRuleArgs } from "../access/policy.ts";
import { adopting, childOptions, componentOptions } from "../shared/child-options.ts";
import { claimFaults } from "../shared/claims.ts";
import { rejectFaults } from "../shared/errors.ts";
import { toSeconds } from "../shared/units.ts";
import type { VaultSession } from "../vault/vault-session.ts";
import { connectionDetails, connectionFaults, type DatabaseConnection } from "./database-connection.ts";
import { DatabaseLogin } from "./database-login.ts";
import {
  roleFaults,
  statementsFingerprint,
  type DynamicRoleArgs,
  type RoleDefinition,
  type StaticRoleArgs,
} from "./database-roles.ts";
import { mountPathFaults } from "./mount-path.ts";
import { renderGrants, type RoleStatements } from "./postgres-grants.ts";
import { RoleLeases } from "./role-leases.ts";

/** An engine that issues logins of one database. */
export interface DatabaseEngineArgs<Dynamic extends string, Static extends string> {
  /** Mount path. @default - the component's name */
  readonly path?: string;
  /** How dynamic resources act inside Vault, by `VaultBootstrap`. */
  readonly session: VaultSession;
  /** The database. */
  readonly connection: DatabaseConnection;
  /** Name of the connection inside Vault. @default - the mount path */
  readonly connectionName?: string;
  /** Roles whose logins are made on demand, by their names inside Vault. Plain, because they decide which children exist. */
  readonly roles: Readonly<Record<Dynamic, DynamicRoleArgs>>;
  /** Roles with a login of their own. @default - none */
  readonly staticRoles?: Readonly<Record<Static, StaticRoleArgs>>;
  /** Whether mount and logins that exist already are taken over; they must exist then. @default false: refused */
  readonly adopt?: boolean;
}

/** What a consumer of a role needs to know. */
export interface DatabaseRole {
  /** Mount path; resolves once the role is proved to work. */
  readonly mount: pulumi.Output<string>;
  /** Name of the role. */
  readonly roleName: pulumi.Output<string>;
  /** Path below the mount that a login is read from: `creds/<role>` or `static-creds/<role>`. */
  readonly credentialsPath: pulumi.Output<string>;
  /** What a consumer must be allowed. */
  readonly rules: readonly PolicyRuleArgs[];
}

/**
 * A database secrets engine: the mount, the connection with a login of Vault's own, and the roles.
 *
 * Vault's login may create roles and is a member of the database's owner; it is no superuser. Its password is known to
 * Vault alone. Each dynamic role has issued a login and taken it away again before anybody can use it, and all logins are
 * taken away before a role goes.
 * @example
 * const engine = new DatabaseEngine("demo-db", { session, connection: { kind: "postgres", database, login: "vault" }, roles }, insideVault);
 * new Policy("app", { rules: engine.role("app").rules }, insideVault);
 */
export class DatabaseEngine<Dynamic extends string = string, Static extends string = never>
  extends pulumi.ComponentResource
{
  /** Mount path; resolves once the connection works. */
  public readonly path: pulumi.Output<string>;
  private readonly roles: Readonly<Record<string, DatabaseRole>>;

  public constructor(
    name: string,
    args: DatabaseEngineArgs<Dynamic, Static>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("vaultstack:engines:DatabaseEngine", name, {}, componentOptions(opts));
    const path = args.path ?? name;
    const roles: Readonly<Record<string, DynamicRoleArgs>> = args.roles;
    const staticRoles: Readonly<Record<string, StaticRoleArgs>> = args.staticRoles ?? {};
    rejectFaults(this, [
      ...mountPathFaults(path),
      ...connectionFaults(args.connection),
      ...roleFaults(args.connection, roles, staticRoles),
      ...claimFaults(this, "secrets mount", path, "path"),
    ]);
    const child = childOptions(this, opts);

    const mount = new vault.Mount(name, { type: "database", path }, adopting(child, args.adopt, path));
    const connection = new vault.database.SecretBackendConnection(
      `${name}-connection`,
      {
        backend: mount.path,
        name: args.connectionName ?? path,
        allowedRoles: [...Object.keys(roles), ...Object.keys(staticRoles)].sort(),
        ...connectionDetails(args.connection, pulumi.interpolate),
      },
      child,
    );
    const build: Build = { name, child, session: args.session, mount, connection };
    const login = args.connection.kind === "postgres" ? createLogin(build, args.connection, args.adopt) : null;

    this.roles = {
      ...mapValues(roles, (role, roleName) => createDynamicRole(build, { role, roleName, login, ...args })),
      ...(args.connection.kind === "postgres" && login !== null
        ? createStaticRoles(build, { postgres: args.connection, staticRoles, login, adopt: args.adopt })
        : {}),
    };
    this.path = connection.backend;
    this.registerOutputs({ path: this.path });
  }

  /**
   * Refers to a role of this engine.
   * @param roleName Its name inside Vault.
   * @returns Its paths, and what a consumer must be allowed.
   */
  public role(roleName: Dynamic | Static): DatabaseRole {
    const role = this.roles[roleName];
    if (role === undefined) throw new pulumi.ResourceError(`roles: must hold ${roleName}, got no such role`, this, true);
    return role;
  }
}

/** What the functions below share. */
interface Build {
  readonly name: string;
  readonly child: pulumi.CustomResourceOptions;
  readonly session: VaultSession;
  readonly mount: vault.Mount;
  readonly connection: vault.database.SecretBackendConnection;
}

type PostgresConnection = Extract<DatabaseConnection, { readonly kind: "postgres" }>;

/** Options for what is inside the database instead of inside Vault. */
function insideDatabase({ child }: Build, { database }: PostgresConnection): pulumi.CustomResourceOptions {
  const options = { ...child, provider: database.server.provider };
  delete options.deletedWith;
  return database.deletedWith === undefined ? options : { ...options, deletedWith: database.deletedWith };
}

/** Vault's own login, and the password that only Vault knows. */
function createLogin(build: Build, connection: PostgresConnection, adopt: boolean | undefined): DatabaseLogin {
  const { name, session, mount } = build;
  const { database, login } = connection;
  const options = insideDatabase(build, connection);
  const role = new postgresql.Role(
    `${name}-login`,
    { name: login, login: true, createRole: true, superuser: false },
    // Vault's from now on: the password, and the memberships, since it is a member of each login it makes.
    pulumi.mergeOptions(adopting(options, adopt, login), { ignoreChanges: ["password", "roles"] }),
  );
  const membership = new postgresql.GrantRole(
    `${name}-login-owner`,
    { role: role.name, grantRole: database.owner },
    options,
  );
  return new DatabaseLogin(
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
}

interface DynamicRoleBuild {
  readonly roleName: string;
  readonly role: DynamicRoleArgs;
  readonly connection: DatabaseConnection;
  readonly login: DatabaseLogin | null;
}

function createDynamicRole(build: Build, { roleName, role, connection, login }: DynamicRoleBuild): DatabaseRole {
  const { name, child, session, mount } = build;
  const statements = roleStatements(role.definition, connection);
  const created = new vault.database.SecretBackendRole(
    `${name}-${roleName}`,
    {
      backend: mount.path,
      name: roleName,
      dbName: build.connection.name,
      creationStatements: statements.apply(({ creation }) => [...creation]),
      renewStatements: statements.apply(({ renewal }) => [...renewal]),
      revocationStatements: statements.apply(({ revocation }) => [...revocation]),
      rollbackStatements: statements.apply(({ rollback }) => [...rollback]),
      defaultTtl: toSeconds(role.defaultTtl),
      maxTtl: toSeconds(role.maxTtl),
    },
    child,
  );
  const leases = new RoleLeases(
    `${name}-${roleName}-leases`,
    {
      session,
      mount: created.backend,
      role: created.name,
      roleFingerprint: statements.apply(statementsFingerprint),
      loginGeneration: login?.generation ?? "",
    },
    drainOptions(child, connection),
  );
  return databaseRole(leases.mount, leases.role, "creds");
}

/** Logins in a server that stays must be taken away in any case; those in one that goes, go with it. */
function drainOptions(child: pulumi.CustomResourceOptions, connection: DatabaseConnection) {
  if (connection.kind === "postgres" && connection.database.deletedWith !== undefined) return child;
  const options = { ...child };
  delete options.deletedWith;
  return options;
}

function roleStatements(definition: RoleDefinition, connection: DatabaseConnection): pulumi.Output<RoleStatements> {
  if (definition.kind === "sql") {
    const { creation, renewal = [], revocation, rollback = [] } = definition;
    return pulumi.output({ creation, renewal, revocation, rollback });
  }
  if (connection.kind !== "postgres") throw new Error("grants without Postgres: refused before");
  const { databaseName, owner } = connection.database;
  return pulumi
    .all([databaseName, owner])
    .apply(([database, ownerName]) => renderGrants(definition.grants, { database, owner: ownerName }));
}

interface StaticRolesBuild {
  readonly postgres: PostgresConnection;
  readonly staticRoles: Readonly<Record<string, StaticRoleArgs>>;
  readonly login: DatabaseLogin;
  readonly adopt: boolean | undefined;
}

function createStaticRoles(build: Build, args: StaticRolesBuild): Record<string, DatabaseRole> {
  const { name, child, mount, connection } = build;
  const options = insideDatabase(build, args.postgres);
  return mapValues(args.staticRoles, (role, roleName) => {
    const username = role.username ?? roleName;
    const user = new postgresql.Role(
      `${name}-${roleName}-login`,
      { name: username, login: true, ...(role.ownerMember === true && { roles: [args.postgres.database.owner] }) },
      pulumi.mergeOptions(adopting(options, args.adopt, username), { ignoreChanges: ["password"] }),
    );
    // Since Postgres 16 who changes the password of another must be its administrator.
    const administrator = new postgresql.GrantRole(
      `${name}-${roleName}-login-vault`,
      { role: args.login.username, grantRole: user.name, withAdminOption: true },
      options,
    );
    const created = new vault.database.SecretBackendStaticRole(
      `${name}-${roleName}`,
      {
        backend: mount.path,
        name: roleName,
        dbName: connection.name,
        username: administrator.grantRole,
        rotationPeriod: toSeconds(role.rotationPeriod),
      },
      child,
    );
    return databaseRole(created.backend, created.name, "static-creds");
  });
}

function databaseRole(
  mount: pulumi.Output<string>,
  roleName: pulumi.Output<string>,
  kind: "creds" | "static-creds",
): DatabaseRole {
  const credentialsPath = pulumi.interpolate`${kind}/${roleName}`;
  return {
    mount,
    roleName,
    credentialsPath,
    rules: [{ path: pulumi.interpolate`${mount}/${credentialsPath}`, capabilities: ["read"] }],
  };
}

function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
