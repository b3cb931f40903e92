import type * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import { adminWay, adminWaySecrets } from "./admin-way.ts";

/** The login for which other logins are made. */
export interface LoginMakersArgs {
  readonly database: PostgresDatabase;
  /** Vault's own login; resolves once it exists. */
  readonly login: pulumi.Input<string>;
}

/**
 * The roles that make the logins of an engine, and the functions they use. Vault's login may call these functions but
 * is not a member of these roles: since Postgres 16, a role that creates roles gets slower with each one, so each of
 * them makes a share.
 *
 * create and update → make them; diff → check whether roles and functions are right; delete → remove them; read →
 * nothing.
 * @example new LoginMakers("database-makers", { database, login }, { parent: this });
 */
export class LoginMakers extends ProtocolResource {
  /** Vault's own login; resolves once its logins can be made. */
  declare public readonly login: pulumi.Output<string>;

  public constructor(name: string, { database, login }: LoginMakersArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "postgres:LoginMakers",
        inputs: {
          ...adminWay(database),
          login,
          owner: database.owner,
        },
        secrets: adminWaySecrets,
      },
      opts,
    );
  }
}
