import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../shared/protocol-resource.ts";
import { PROTOCOL_VERSION, type PostgresReadyInputs } from "../../protocol/types.ts";
import type { PostgresTls } from "../../protocol/database/postgres-target.ts";

/** The server to wait for. */
export interface PostgresReadyArgs {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  readonly namespace: string;
  /** Name of the StatefulSet; resolves once it is asked for. */
  readonly statefulSet: pulumi.Input<string>;
  /** Name of its pod. */
  readonly pod: string;
  /** Port inside the pod. */
  readonly port: number;
  /** How its certificate is verified. */
  readonly tls: pulumi.Input<PostgresTls>;
  /** Changes when the pod is started anew. */
  readonly podsFingerprint: pulumi.Input<string>;
  /** The superuser. */
  readonly username: string;
  /** Its password; secret. */
  readonly password: pulumi.Output<string>;
}

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
        inputs: { ...args, password: pulumi.secret(args.password), protocolVersion: PROTOCOL_VERSION.postgresReady },
        secrets: ["password"],
      },
      opts,
    );
  }
}
