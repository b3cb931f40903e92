import type * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type { LoginBoundsInputs } from "../../../protocol/types.ts";
import { adminWay, adminWaySecrets } from "./admin-way.ts";
import type { LoginMakersArgs } from "./login-makers.ts";

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
