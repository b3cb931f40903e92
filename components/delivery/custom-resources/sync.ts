import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { SyncInputs, SyncOutputs } from "../../../protocol/delivery/sync-resource.ts";

/** What is awaited, and for how long. */
export type SyncArgs = ArgsOf<SyncInputs>;

/**
 * That the operator has done what a custom resource asks for. `up` fails with the operator's own words when it has not.
 *
 * create and update → wait; diff → none while the custom resource asks for the same; delete → nothing.
 */
export class Sync extends ProtocolResource<SyncInputs, SyncOutputs> {
  /** True once the operator is done. */
  declare public readonly synced: pulumi.Output<boolean>;

  public constructor(name: string, args: SyncArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "delivery:Sync",
        inputs: args,
        outputs: ["synced"],
      },
      opts,
    );
  }
}
