import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { skipAwait } from "../../../shared/labels.ts";
import { type NetworkAccess, networkPolicySpec } from "./network-policy.ts";
import { roleServiceSpec } from "./service-specs.ts";
import type { TopologyFacts } from "./topology.ts";

/** What the objects of a cluster belong to. */
export interface ClusterObjectsArgs {
  /** Name of the server, and prefix of the objects. */
  readonly name: string;
  readonly namespace: string;
  readonly facts: TopologyFacts;
  /** Name of the account the servers run under. */
  readonly serviceAccount: pulumi.Input<string>;
  /** What the servers may reach. */
  readonly network: NetworkAccess;
}

/**
 * Creates what a cluster of servers needs besides its pods: Services for the leader and for the others, permission for
 * each server to label its own pod with its role, the network policy, and the number of pods that an eviction may
 * remove.
 */
export function createClusterObjects(
  args: ClusterObjectsArgs,
  child: pulumi.CustomResourceOptions,
): k8s.core.v1.Service {
  const { name, facts } = args;
  const metadata = (objectName: string): k8s.types.input.meta.v1.ObjectMeta => ({
    name: objectName,
    namespace: args.namespace,
    labels: facts.labels,
  });
  const createService = (role: "active" | "standby", service: string): k8s.core.v1.Service =>
    new k8s.core.v1.Service(
      `${name}-${role}`,
      { metadata: { ...metadata(service), annotations: skipAwait }, spec: roleServiceSpec(facts, role) },
      child,
    );
  const active = createService("active", facts.activeService);
  if (facts.standbyService !== null) createService("standby", facts.standbyService);
  const role = new k8s.rbac.v1.Role(
    `${name}-label-pods`,
    {
      metadata: metadata(`${name}-label-pods`),
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "update", "patch"] }],
    },
    child,
  );
  new k8s.rbac.v1.RoleBinding(
    `${name}-label-pods-binding`,
    {
      metadata: metadata(`${name}-label-pods`),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", name: args.serviceAccount, namespace: args.namespace }],
    },
    child,
  );
  if (args.network.kind === "enforced") {
    new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      { metadata: metadata(name), spec: networkPolicySpec(facts, args.network.ports) },
      child,
    );
  }
  new k8s.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    {
      metadata: metadata(name),
      // A pod that was moved comes back sealed and counts as unavailable until `up` has unsealed it.
      spec: { maxUnavailable: 1, selector: { matchLabels: facts.selector } },
    },
    child,
  );
  return active;
}
