import type * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import { adminWay, adminWaySecrets } from "./admin-way.ts";
import type { LoginMakersArgs } from "./login-makers.ts";

/** What logins may do besides their grants. */
export type LoginBoundsArgs = LoginMakersArgs;

/**
 * Limits on what logins can reach in the server of their database. In a server of the stack's own, they get no further
 * than that database, and Vault can still connect when they have used up all connections. For any other server, it only
 * reports what the server allows.
 *
 * create and update → close it, or report it; diff → check whether it is so; read and delete → nothing.
 * @example new LoginBounds("database-bounds", { database, login }, { parent: this });
 */
export class LoginBounds extends ProtocolResource {
  public constructor(name: string, { database, login }: LoginBoundsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "postgres:LoginBounds",
        inputs: {
          ...adminWay(database),
          login,
          own: database.server.own,
        },
        secrets: adminWaySecrets,
      },
      opts,
    );
  }
}
