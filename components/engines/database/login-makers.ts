import type * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type { LoginMakersInputs } from "../../../protocol/types.ts";
import { adminWay, adminWaySecrets } from "./admin-way.ts";

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
