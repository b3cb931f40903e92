import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import type { PolicyRuleArgs } from "../../access/policy.ts";
import { adopting, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { toSeconds, type Duration } from "../../../shared/units.ts";
import type { VaultSession } from "../../vault/bootstrap/vault-session.ts";
import { connectionDetails, connectionFaults, type DatabaseConnection } from "./database-connection.ts";
import { createDynamicRole, createStaticRole, createVaultLogin, type EngineBuild } from "./database-parts.ts";
import { roleFaults, type DynamicRoleArgs, type StaticRoleArgs } from "./database-roles.ts";
import { mountPathFaults } from "../mount-path.ts";
import { databaseKind } from "./database-kind.ts";

/** An engine that issues logins to one database. */
export interface DatabaseEngineArgs<Dynamic extends string, Static extends string> {
  /** Mount path. @default - the component's name */
  readonly path?: string;
  /** How dynamic resources act inside Vault, from `VaultBootstrap`. */
  readonly session: VaultSession;
  /** The database. */
  readonly connection: DatabaseConnection;
  /** Name of the connection inside Vault. @default - the mount path */
  readonly connectionName?: string;
  /**
   * Roles whose logins are made on demand, by their names inside Vault. Plain, because they decide which children
   * exist.
   */
  readonly roles: Readonly<Record<Dynamic, DynamicRoleArgs>>;
  /** Roles with a login of their own. @default - none */
  readonly staticRoles?: Readonly<Record<Static, StaticRoleArgs>>;
  /** Longest life of a login, renewals included. @default - Vault's own limit, 768h */
  readonly maxLeaseTtl?: Duration;
  /** Whether a mount and logins that exist already are taken over; they must exist then. @default false: refused */
  readonly adopt?: boolean;
}

/** How long a login is valid. */
type DatabaseLoginLifetime =
  | { readonly kind: "lease"; readonly ttl: Duration; readonly maxTtl: Duration }
  | { readonly kind: "rotation"; readonly period: Duration };

/** What a consumer of a role needs to know. */
export interface DatabaseRole {
  /** Mount path; resolves once the role is proven to work. */
  readonly mount: pulumi.Output<string>;
  /** Name of the role. */
  readonly roleName: pulumi.Output<string>;
  /** Path below the mount that a login is read from: `creds/<role>` or `static-creds/<role>`. */
  readonly credentialsPath: pulumi.Output<string>;
  /**
   * How long a login is valid: either each reader gets one of its own with a lease, or all share one whose password
   * Vault rotates.
   */
  readonly lifetime: DatabaseLoginLifetime;
  /** What a consumer must be allowed. */
  readonly rules: readonly PolicyRuleArgs[];
}

/**
 * A database secrets engine: the mount, the connection with a login of Vault's own, and the roles.
 *
 * Vault's login may create roles and is a member of the database's owner; it is not a superuser. Only Vault knows its
 * password. Logins with grants are made for it by dedicated roles. Before anybody can use a dynamic role, it has issued
 * a login and removed it again, and all logins are removed before a role is deleted.
 * @example
 * const engine = new DatabaseEngine(
 *   "demo-db",
 *   { session, connection: { kind: "postgres", database, login: "vault" }, roles },
 *   insideVault,
 * );
 * new Policy("app", { rules: engine.role("app").rules }, insideVault);
 */
export class DatabaseEngine<Dynamic extends string = string, Static extends string = never>
  extends pulumi.ComponentResource
{
  /** Mount path; resolves once the connection works. */
  public readonly path: pulumi.Output<string>;
  private readonly roles: Readonly<Record<string, DatabaseRole>>;

  public constructor(name: string, args: DatabaseEngineArgs<Dynamic, Static>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:engines:DatabaseEngine", name, {}, componentOptions(opts));
    const path = args.path ?? name;
    const roles: Readonly<Record<string, DynamicRoleArgs>> = args.roles;
    const staticRoles: Readonly<Record<string, StaticRoleArgs>> = args.staticRoles ?? {};
    rejectFaults(this, [
      ...mountPathFaults(path),
      ...connectionFaults(args.connection),
      ...roleFaults(args.connection, roles, staticRoles, args.maxLeaseTtl),
      ...reservedNameFaults(this, "secrets mount", path, "path", databaseKind),
    ]);
    const child = childOptions(this, opts);

    const { maxLeaseTtl } = args;
    const mount = new vault.Mount(
      name,
      { type: "database", path, ...(maxLeaseTtl !== undefined && { maxLeaseTtlSeconds: toSeconds(maxLeaseTtl) }) },
      adopting(child, args.adopt, path),
    );
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
    const build: EngineBuild = { name, child, session: args.session, mount, connection, adopt: args.adopt };
    const postgres = args.connection.kind === "postgres" ? args.connection : null;
    const login = postgres === null ? null : createVaultLogin(build, postgres, Object.values(roles));
    const dynamic = mapValues(roles, (role, roleName) => ({
      ...createDynamicRole(build, { role, roleName, login, connection: args.connection }),
      lifetime: { kind: "lease", ttl: role.defaultTtl, maxTtl: role.maxTtl } as const,
    }));
    const proofs = Object.values(dynamic).map(({ leases }) => leases);

    this.roles = {
      ...mapValues(dynamic, ({ leases, lifetime }) => databaseRole(leases.mount, leases.role, lifetime)),
      ...mapValues(staticRoles, (role, roleName) => {
        if (postgres === null || login === null) throw new Error("static roles without Postgres: refused before");
        const { backend, name: created } = createStaticRole(build, { postgres, login, proofs, role, roleName });
        return databaseRole(backend, created, { kind: "rotation", period: role.rotationPeriod });
      }),
    };
    this.path = connection.backend;
    this.registerOutputs({ path: this.path });
  }

  /**
   * Refers to a role of this engine.
   * @returns Its paths, and what a consumer must be allowed.
   */
  public role(roleName: Dynamic | Static): DatabaseRole {
    const role = this.roles[roleName];
    if (role === undefined) {
      throw new pulumi.ResourceError(`roles: must hold ${roleName}, got no such role`, this, true);
    }
    return role;
  }
}

function databaseRole(
  mount: pulumi.Output<string>,
  roleName: pulumi.Output<string>,
  lifetime: DatabaseLoginLifetime,
): DatabaseRole {
  const credentialsPath = pulumi.interpolate`${lifetime.kind === "lease" ? "creds" : "static-creds"}/${roleName}`;
  return {
    mount,
    roleName,
    credentialsPath,
    lifetime,
    rules: [{ path: pulumi.interpolate`${mount}/${credentialsPath}`, capabilities: ["read"] }],
  };
}

function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
