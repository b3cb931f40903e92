import type { VaultTarget } from "./protocol/types.ts";
import { apiPort, topologyFacts, type Placement, type Topology } from "./topology.ts";

/**
 * Describes a Vault's pods to whoever speaks to them one by one.
 * @param topology How many servers there are.
 * @param placement Where they run: name, namespace and the kubeconfig's context.
 * @returns Plain data, which Pulumi stores as input of the dynamic resources.
 */
export function vaultTarget(topology: Topology, placement: Placement & Pick<VaultTarget, "kubeContext">): VaultTarget {
  const { kubeContext, namespace, name } = placement;
  const { pods } = topologyFacts(topology, placement);
  return { kubeContext, namespace, statefulSet: name, pods, port: apiPort, tls: null };
}
