import type * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";
import type { PostgresGrant } from "../../../protocol/database/logins/postgres-grant.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type { LoginGroupInputs } from "../../../protocol/types.ts";
import { adminWay, adminWaySecrets } from "./admin-way.ts";

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
          ...adminWay(database),
          owner: database.owner,
          remains: database.remains,
        },
        secrets: adminWaySecrets,
      },
      opts,
    );
  }
}
