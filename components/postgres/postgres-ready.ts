import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../shared/protocol-resource.ts";
import type { PostgresReadyInputs } from "../../protocol/database/postgres-ready-resource.ts";

/** The server to wait for. */
export type PostgresReadyArgs = ArgsOf<PostgresReadyInputs>;

/**
 * A Postgres server that answers: whatever is created inside it comes after. The resource of the StatefulSet does not
 * wait for it itself, since a run that is killed while waiting would not know that it had created one.
 *
 * create and update → wait until the wanted pod answers its superuser; diff → inputs; read and delete → nothing.
 * @example new PostgresReady("postgres-ready", { statefulSet: statefulSet.metadata.name, … }, { parent: this });
 */
export class PostgresReady extends ProtocolResource {
  public constructor(name: string, args: PostgresReadyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "postgres:Ready",
        inputs: { ...args, password: pulumi.secret(args.password) },
        secrets: ["password"],
      },
      opts,
    );
  }
}
