import * as pulumi from "@pulumi/pulumi";
import { lookAtCluster } from "../kube/cluster-reach.ts";
import { fieldManager, hasMadeUpManager, ownFieldsByName } from "../components/cluster/field-manager.ts";
import { guardingData } from "../components/vault/bootstrap/data-guard.ts";
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
  const { kubeContext, namespace, allowDataLoss, adoptExisting } = config;
  const look = await lookAtCluster({ kubeContext, namespace, statefulSet: "vault" });
  if ("fault" in look) throw new pulumi.RunError(look.fault);
  // A stack that was made before keeps the names that its state knows, until it is adopted.
  if (adoptExisting || !hasMadeUpManager(look.found, fieldManager())) ownFieldsByName();
  return guardingData(allowDataLoss, program);
}
