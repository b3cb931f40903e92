import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../shared/protocol-resource.ts";
import type { RolloutTargetsInputs } from "../../protocol/delivery/rollout-targets-resource.ts";

/** What is looked for, and for how long. */
export type RolloutTargetsArgs = ArgsOf<RolloutTargetsInputs>;

/** Time, in milliseconds, for the program's own workloads to be requested first. */
const headStart = 100;

/**
 * Proof that the workloads a secret restarts exist. The operator skips one that does not, and reports it only in an
 * event.
 *
 * It waits, since a workload of the same program comes after the Secret as well. The engine works on only a few
 * resources at a time, so this one is requested a moment after the workloads that depend on the Secret: waiting for
 * them must not keep them from being created.
 *
 * create and update → wait; diff → none while the workloads are the same; read → gone with the first of them.
 */
export class RolloutTargets extends ProtocolResource {
  public constructor(name: string, args: RolloutTargetsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "delivery:RolloutTargets",
        inputs: { ...args, namespace: afterWorkloads(args.namespace) },
        outputs: ["found"],
      },
      opts,
    );
  }
}

function afterWorkloads(namespace: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(namespace).apply(async (known) => {
    if (!pulumi.runtime.isDryRun()) await delay(headStart);
    return known;
  });
}
