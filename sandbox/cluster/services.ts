import path from "node:path";
import { stateDirectory } from "../paths.ts";
import { nodeAddress, ports } from "./addresses.ts";
import { volumeProvisioner } from "./cluster-objects.ts";
import { credential } from "./credentials.ts";
import { answers } from "./health.ts";
import type { Part, PartContext } from "./parts.ts";

/** One folder per persistent volume. */
const volumeDirectory = path.join(stateDirectory, "volumes");

/**
 * What pods expect of a cluster and Kubernetes leaves to others. Both run beside the cluster and not in it: no images,
 * no pods to wait for, and they answer as soon as the API server does.
 * @returns DNS and persistent volumes.
 */
export function services(context: PartContext): Part[] {
  return [dns(context), volumes(context)];
}

function dns({ binaries, nameServers }: PartContext): Part {
  const configuration = path.join(stateDirectory, "configuration", "Corefile");
  return {
    name: "dns",
    command: [binaries.coredns, "-quiet", "-conf", configuration],
    files: { [configuration]: renderCorefile(nameServers) },
    needs: ["kube-apiserver"],
    endpoint: `${nodeAddress}:${ports.dns}`,
    ready: answers(`http://${nodeAddress}:${ports.dnsReady}/ready`),
  };
}

function renderCorefile(nameServers: readonly string[]): string {
  return `.:${ports.dns} {
  bind ${nodeAddress}
  errors
  ready ${nodeAddress}:${ports.dnsReady}
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${credential("dns.kubeconfig")}
    fallthrough in-addr.arpa ip6.arpa
    ttl 5
  }
  cache 30 {
    # Answers about the cluster come from memory anyway; a cached "no such name" would outlive the start of a pod.
    disable success cluster.local
    disable denial cluster.local
  }
  loadbalance
${nameServers.length > 0 ? `  forward . ${nameServers.join(" ")}\n` : ""}}
`;
}

function volumes({ binaries }: PartContext): Part {
  return {
    name: "volumes",
    command: [
      binaries.volumes,
      `-kubeconfig=${credential("volumes.kubeconfig")}`,
      `-provisioner=${volumeProvisioner}`,
      `-root=${volumeDirectory}`,
      `-metrics-address=${nodeAddress}:${ports.volumes}`,
    ],
    files: {},
    needs: ["kube-apiserver"],
    endpoint: volumeDirectory,
    ready: answers(`http://${nodeAddress}:${ports.volumes}/metrics`),
  };
}
