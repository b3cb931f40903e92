import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../shared/protocol-resource.ts";
import type { RolloutTargetsInputs, RolloutTargetsOutputs } from "../../protocol/delivery/rollout-targets-resource.ts";

/** What is looked for, and for how long. */
export type RolloutTargetsArgs = ArgsOf<RolloutTargetsInputs>;

/** Time for the program's own workloads to be asked for first. */
const headStart = 100;

/**
 * That the workloads a secret restarts are there. The operator passes over one that is not, and tells it in an event only.
 *
 * It waits, since a workload of the same program comes after the Secret as well. The engine works on a few resources at a
 * time, so it is asked for a moment after the workloads that follow from the Secret: waiting for them must not keep them
 * from being made.
 *
 * create and update → wait; diff → none while the workloads are the same; read → gone with the first of them.
 */
export class RolloutTargets extends ProtocolResource<RolloutTargetsInputs, RolloutTargetsOutputs> {
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
