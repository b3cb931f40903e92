import * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";
import type { PostgresGrant } from "../../../protocol/database/logins/postgres-grant.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import { type LoginBoundsInputs, type LoginGroupInputs, type LoginMakersInputs } from "../../../protocol/types.ts";

/** The privileges of a dynamic role's logins. */
export interface LoginGroupArgs {
  /** The database; its server is worked in by the admin login. */
  readonly database: PostgresDatabase;
  /** Vault's own login; resolves once there are the makers of its logins. */
  readonly login: pulumi.Input<string>;
  /** Name of the role that holds the privileges. */
  readonly group: string;
  /** What its members may do. */
  readonly grants: readonly PostgresGrant[];
}

function adminOf({ server, databaseName }: PostgresDatabase) {
  return {
    postgres: server.target,
    adminUsername: server.adminUsername,
    adminPassword: pulumi.secret(server.adminPassword),
    database: databaseName,
  };
}

const secrets = ["adminPassword"];

/** Whose logins are made. */
export interface LoginMakersArgs {
  readonly database: PostgresDatabase;
  /** Vault's own login; resolves once it exists. */
  readonly login: pulumi.Input<string>;
}

/**
 * The roles that make the logins of an engine, and the functions that they work by. Vault's login may call these and be none of
 * them: since Postgres 16 who makes roles is slower with each, and so each of them makes a share.
 *
 * create and update → make them; diff → look whether roles and functions are so; delete → take them away; read → nothing.
 * @example new LoginMakers("database-makers", { database, login }, { parent: this });
 */
export class LoginMakers extends ProtocolResource<LoginMakersInputs, LoginMakersInputs> {
  /** Vault's own login; resolves once its logins can be made. */
  declare public readonly login: pulumi.Output<string>;

  public constructor(name: string, { database, login }: LoginMakersArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "postgres:LoginMakers",
        inputs: {
          ...adminOf(database),
          login,
          owner: database.owner,
        },
        secrets,
      },
      opts,
    );
  }
}

/**
 * The role in Postgres that holds the privileges of a dynamic role's logins, each of which is its member: a change of the grants
 * reaches those that are open. Nobody logs in as it. A schema of its name has the functions by which Vault makes its members and takes
 * them away.
 *
 * create and update → make it, with these privileges and no others, and remove ended logins that Vault could not; diff → look
 * whether it is so; delete → take it away; read → nothing.
 * @example new LoginGroup("database-app-group", { database, login, group: "vault-app", grants }, { parent: this });
 */
export class LoginGroup extends ProtocolResource<LoginGroupInputs, LoginGroupInputs> {
  /** Name of the role; resolves once it may do what its members are to. */
  declare public readonly group: pulumi.Output<string>;

  public constructor(name: string, args: LoginGroupArgs, opts?: pulumi.CustomResourceOptions) {
    const { database, ...plain } = args;
    super(
      name,
      {
        type: "postgres:LoginGroup",
        inputs: {
          ...plain,
          ...adminOf(database),
          owner: database.owner,
          remains: database.remains,
        },
        secrets,
      },
      opts,
    );
  }
}

/** What logins may do beside their grants. */
export type LoginBoundsArgs = LoginMakersArgs;

/**
 * How far logins get in the server of their database. In one of the stack's own: no further than into that database, and no
 * further than Vault, which still connects when they have taken every connection. Of another it is said what it allows.
 *
 * create and update → close it, or say it; diff → look whether it is so; read and delete → nothing.
 * @example new LoginBounds("database-bounds", { database, login }, { parent: this });
 */
export class LoginBounds extends ProtocolResource<LoginBoundsInputs, LoginBoundsInputs> {
  public constructor(name: string, { database, login }: LoginBoundsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "postgres:LoginBounds",
        inputs: {
          ...adminOf(database),
          login,
          own: database.server.own,
        },
        secrets,
      },
      opts,
    );
  }
}
