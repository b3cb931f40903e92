import type { VaultTarget } from "./protocol/types.ts";
import { apiPort, topologyFacts, type Placement, type Topology } from "./topology.ts";

/**
 * Describes a Vault's pods to whoever speaks to them one by one.
 * @param topology How many servers there are.
 * @param placement Where they run: name, namespace and the kubeconfig's context.
 * @returns Plain data, which Pulumi stores as input of the dynamic resources. With TLS, {@link trusting} completes it.
 */
export function vaultTarget(topology: Topology, placement: Placement & Pick<VaultTarget, "kubeContext">): VaultTarget {
  const { kubeContext, namespace, name } = placement;
  const { pods, scheme, serviceHost } = topologyFacts(topology, placement);
  const tls = scheme === "https" ? { serverName: serviceHost, caCertificate: "" } : null;
  return { kubeContext, namespace, statefulSet: name, pods, port: apiPort, tls };
}

/**
 * Completes a target by what its listener is verified with.
 * @param target The target; one without TLS stays as it is.
 * @param caCertificate PEM bundle of the trusted authorities.
 * @returns The completed target.
 */
export function trusting(target: VaultTarget, caCertificate: string): VaultTarget {
  return target.tls === null ? target : { ...target, tls: { ...target.tls, caCertificate } };
}
