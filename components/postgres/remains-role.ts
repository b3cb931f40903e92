import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../shared/protocol-resource.ts";
import type { Postgres } from "./postgres.ts";

/** The role to create. */
export interface RemainsRoleArgs {
  readonly server: Postgres;
  /** Its name. */
  readonly remains: string;
}

/**
 * The role that gets what ended logins leave behind: it may do nothing, and nobody logs in as it.
 *
 * create and update → create it, or leave an existing one; diff → check whether it exists; delete → drop it; read →
 * nothing.
 * @example new RemainsRole("mydb-remains", { server, remains: "mydb_remains" }, { parent: this });
 */
export class RemainsRole extends ProtocolResource {
  /** Its name; resolves once it exists. */
  declare public readonly remains: pulumi.Output<string>;

  public constructor(name: string, { server, remains }: RemainsRoleArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "postgres:RemainsRole",
        inputs: {
          postgres: server.target,
          adminUsername: server.adminUsername,
          adminPassword: pulumi.secret(server.adminPassword),
          database: "postgres",
          remains,
        },
        secrets: ["adminPassword"],
      },
      opts,
    );
  }
}
