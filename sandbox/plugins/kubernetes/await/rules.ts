import { isDeepStrictEqual } from "node:util";
import type { GroupVersionKind } from "../object/type-token.ts";
import { at, objectAt, textAt } from "../object/fields.ts";
import { ingressRule, serviceRule } from "./networking.ts";
import { jobRule, podRule } from "./pod-and-job.ts";
import { ready, waiting, type ReadinessRule } from "./readiness.ts";
import { volumeClaimRule, volumeRule } from "./storage.ts";
import { daemonSetRule, deploymentRule, replicationControllerRule, statefulSetRule } from "./workloads.ts";

/** What is awaited for a kind; undefined for kinds that are ready as soon as they exist. */
export function readinessRule({ apiVersion, kind }: GroupVersionKind): ReadinessRule | undefined {
  return rules[`${apiVersion}/${kind}`];
}

const namespaceRule: ReadinessRule = {
  assess: (namespace) =>
    textAt(namespace, "status", "phase") === "Active"
      ? ready("Namespace is active")
      : waiting("Waiting for the namespace to be active"),
};

const resourceQuotaRule: ReadinessRule = {
  assess: (quota) =>
    isDeepStrictEqual(at(quota, "spec", "hard") ?? {}, at(quota, "status", "hard") ?? {})
      ? ready("Quota is in force")
      : waiting("Waiting for the quota to be in force"),
};

/** The data of a token Secret is filled in by a controller. */
const secretRule: ReadinessRule = {
  assess: (secret) =>
    textAt(secret, "type") !== "kubernetes.io/service-account-token" || Object.keys(objectAt(secret, "data")).length > 0
      ? ready("Secret is complete")
      : waiting("Waiting for the token"),
};

const rules: Readonly<Record<string, ReadinessRule>> = {
  "apps/v1/DaemonSet": daemonSetRule,
  "apps/v1/Deployment": deploymentRule,
  "apps/v1/StatefulSet": statefulSetRule,
  "batch/v1/Job": jobRule,
  "networking.k8s.io/v1/Ingress": ingressRule,
  "v1/Namespace": namespaceRule,
  "v1/PersistentVolume": volumeRule,
  "v1/PersistentVolumeClaim": volumeClaimRule,
  "v1/Pod": podRule,
  "v1/ReplicationController": replicationControllerRule,
  "v1/ResourceQuota": resourceQuotaRule,
  "v1/Secret": secretRule,
  "v1/Service": serviceRule,
};
