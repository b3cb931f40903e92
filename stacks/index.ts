import * as pulumi from "@pulumi/pulumi";
import { lookAtCluster } from "../kube/cluster-reach.ts";
import { fieldManager, hasMadeUpManager, ownFieldsByName } from "../components/cluster/field-manager.ts";
import { guardingData } from "../components/vault/bootstrap/data-guard.ts";
import type { StackConfig } from "./config.ts";
import { dev } from "./dev.ts";
import { ha } from "./ha.ts";
import type { PendingOutputs } from "./outputs.ts";

/**
 * Declares a stack; the kind of server decides what belongs to it. Nothing is declared, not even the data guard, until
 * the cluster has answered.
 */
export async function stack(config: StackConfig): Promise<PendingOutputs> {
  const { kubeContext, allowDataLoss, adopt } = config;
  const { namespace, topology } = config.server;
  const look = await lookAtCluster({ kubeContext, namespace, statefulSet: "vault" });
  if ("fault" in look) throw new pulumi.RunError(look.fault);
  // A stack created before this keeps the names in its state until it is adopted.
  if (adopt || !hasMadeUpManager(look.found, fieldManager())) ownFieldsByName();
  return guardingData(allowDataLoss, () => (topology.kind === "raft" ? ha(config) : dev(config)));
}
