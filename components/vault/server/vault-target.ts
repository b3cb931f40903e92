import { certificateName } from "../../../protocol/certificate/trusted-authorities.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";
import { apiPort, topologyFacts, type Placement, type Topology } from "./topology.ts";

/**
 * Describes a Vault's pods for code that connects to them one by one.
 * @param topology How many servers there are.
 * @param placement Where they run: name, namespace and the kubeconfig's context.
 * @param authoritySecret With TLS, the Secret in their namespace with the trusted authorities.
 * @returns Plain data, which Pulumi stores as input of the dynamic resources.
 */
export function vaultTarget(
  topology: Topology,
  placement: Placement & Pick<VaultTarget, "kubeContext">,
  authoritySecret: string = certificateName,
): VaultTarget {
  const { kubeContext, namespace, name } = placement;
  const { pods, scheme, serviceHost } = topologyFacts(topology, placement);
  const tls = scheme === "https" ? { serverName: serviceHost, authoritySecret } : null;
  return { kubeContext, namespace, statefulSet: name, pods, port: apiPort, tls };
}
