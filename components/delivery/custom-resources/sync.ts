import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { SyncInputs } from "../../../protocol/delivery/sync-resource.ts";

/** What is awaited, and for how long. */
export type SyncArgs = ArgsOf<SyncInputs>;

/**
 * Proof that the operator has done what a custom resource asks for. If it has not, `up` fails with the operator's own
 * words.
 *
 * create and update → wait; diff → none while the custom resource asks for the same; delete → nothing.
 */
export class Sync extends ProtocolResource {
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
