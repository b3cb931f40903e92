import type * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";
import type { PostgresGrant } from "../../../protocol/database/logins/postgres-grant.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import { adminWay, adminWaySecrets } from "./admin-way.ts";

/** The privileges of a dynamic role's logins. */
export interface LoginGroupArgs {
  /** The database; the admin login is used to work in its server. */
  readonly database: PostgresDatabase;
  /** Vault's own login; resolves once the makers of its logins exist. */
  readonly login: pulumi.Input<string>;
  /** Name of the role that holds the privileges. */
  readonly group: string;
  /** What its members may do. */
  readonly grants: readonly PostgresGrant[];
}

/**
 * The Postgres role that holds the privileges of a dynamic role's logins, each of which is its member: a change of the
 * grants also reaches logins that are in use. Nobody logs in as it. A schema of the same name holds the functions with
 * which Vault makes and removes its members.
 *
 * create and update → make it, with these privileges and no others, and remove ended logins that Vault could not;
 * diff → check whether it is so; delete → remove it; read → nothing.
 * @example new LoginGroup("database-app-group", { database, login, group: "vault-app", grants }, { parent: this });
 */
export class LoginGroup extends ProtocolResource {
  /** Name of the role; resolves once it has the privileges its members need. */
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
