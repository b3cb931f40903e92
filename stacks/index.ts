import * as pulumi from "@pulumi/pulumi";
import { clusterFault } from "../components/cluster/cluster-reach.ts";
import { ownFieldsByName } from "../components/cluster/field-manager.ts";
import { guardingData } from "../components/vault/data-guard.ts";
import type { StackConfig } from "./config.ts";
import { dev } from "./dev.ts";
import { ha } from "./ha.ts";
import type { PendingOutputs } from "./outputs.ts";

/** Stack functions by profile; the profile is a setting, so any number of stacks may share one. */
export const stacks: Readonly<Record<StackConfig["profile"], (config: StackConfig) => Promise<PendingOutputs>>> = {
  dev: (config) => inReach(config, () => dev(config)),
  ha: (config) => inReach(config, () => ha(config)),
};

/** Nothing is declared, the guard of the data included, until the cluster has answered. */
async function inReach(config: StackConfig, program: () => Promise<PendingOutputs>): Promise<PendingOutputs> {
  const { kubeContext, namespace, allowDataLoss } = config;
  const fault = await clusterFault({ kubeContext, namespace, statefulSet: "vault" });
  if (fault !== null) throw new pulumi.RunError(fault);
  ownFieldsByName();
  return guardingData(allowDataLoss, program);
}
