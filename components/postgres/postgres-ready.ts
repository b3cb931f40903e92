import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../shared/protocol-resource.ts";
import type { PostgresReadyInputs } from "../../protocol/types.ts";

/** The server to wait for. */
export type PostgresReadyArgs = ArgsOf<PostgresReadyInputs>;

/**
 * A Postgres server that answers: what is made inside it comes after. The StatefulSet is not waited for by its own
 * resource, since a run that is killed meanwhile would not know it made one.
 *
 * create and update → wait until the wanted pod answers its superuser; diff → inputs; read and delete → nothing.
 * @example new PostgresReady("postgres-ready", { statefulSet: statefulSet.metadata.name, … }, { parent: this });
 */
export class PostgresReady extends ProtocolResource<PostgresReadyInputs, PostgresReadyInputs> {
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
