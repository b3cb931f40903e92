import type { KubeApi } from "../../kube/kube-client.ts";
import type { Endpoints, Service } from "../../kube/kube-objects.ts";

/** Ports of the services that every pod needs from its cluster. */
export interface ClusterPorts {
  /** Those of DNS, over UDP and TCP. */
  readonly dns: readonly number[];
  /** Those of the API server, over TCP. */
  readonly apiServer: readonly number[];
}

/**
 * What nearly all clusters use: DNS on 53, or on 5353 behind its Service on OpenShift; the API server's Service on 443,
 * and the API server itself on 443 or 6443. These are always open, so that the result for a cluster that cannot be
 * asked is the same as for most that can.
 */
export const usualPorts: ClusterPorts = { dns: [53, 5353], apiServer: [443, 6443] };

/** The Service of the API server, which Kubernetes makes in every cluster. */
export const apiServerService = { namespace: "default", name: "kubernetes" } as const;

/** The Services of DNS, where Kubernetes' own installers and OpenShift put them. */
export const dnsServices = [
  { namespace: "kube-system", name: "kube-dns" },
  { namespace: "kube-system", name: "coredns" },
  { namespace: "openshift-dns", name: "dns-default" },
] as const;

/**
 * Looks up the ports on which a cluster serves DNS and its API. It takes both the port of each Service and the port
 * behind it: some network plugins apply policies before a connection is redirected to an endpoint, but most apply them
 * after, and then the policy sees the port of the endpoint. minikube has its API server on 8443, MicroK8s on 16443.
 * @param kube API of the cluster.
 * @returns The usual ports and those found.
 * @throws {KubeError} When the cluster cannot be asked, or refuses to answer the caller.
 */
export async function findClusterPorts(kube: Pick<KubeApi, "readService" | "readEndpoints">): Promise<ClusterPorts> {
  const portsOf = async ({ namespace, name }: { readonly namespace: string; readonly name: string }) => {
    const [service, endpoints] = await Promise.all([
      kube.readService(namespace, name),
      kube.readEndpoints(namespace, name),
    ]);
    return [...servicePorts(service), ...endpointPorts(endpoints)];
  };
  const [apiServer, ...dns] = await Promise.all([apiServerService, ...dnsServices].map(portsOf));
  return { dns: together(usualPorts.dns, dns.flat()), apiServer: together(usualPorts.apiServer, apiServer ?? []) };
}

/** Only the ports for DNS or the API: a Service of DNS also has one for its metrics. */
function isWanted(name: string | undefined): boolean {
  return name === undefined || /^(https?|dns)/.test(name);
}

function servicePorts(service: Service | null): number[] {
  return (service?.spec?.ports ?? [])
    .filter(({ name }) => isWanted(name))
    .flatMap(({ port, targetPort }) => [port, ...(typeof targetPort === "number" ? [targetPort] : [])]);
}

function endpointPorts(endpoints: Endpoints | null): number[] {
  return (endpoints?.subsets ?? []).flatMap(({ ports = [] }) =>
    ports.filter(({ name }) => isWanted(name)).map(({ port }) => port),
  );
}

function together(...ports: readonly (readonly number[])[]): number[] {
  return [...new Set(ports.flat())].sort((one, other) => one - other);
}
