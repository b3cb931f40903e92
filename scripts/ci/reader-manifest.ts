import { apiServerService, dnsServices } from "../../components/cluster/cluster-ports.ts";
import type { RecordedResource } from "../../graph/recorder.ts";
import { podName } from "../../components/postgres/postgres-server.ts";

/** A Kubernetes object. */
export type Manifest = Readonly<Record<string, unknown>>;

/** Name of the account, its roles and their bindings. */
export const readerName = "vaultstack-preview";

const rbac = "rbac.authorization.k8s.io";
const read = ["get", "list", "watch"];

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Where an object of a stack is in the API. */
interface Placed {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/**
 * Renders an account that may look at what a stack has in the cluster, and may open connections to the pods of Vault
 * and Postgres. It reads no Secret and changes nothing.
 * @returns The account, its roles and their bindings.
 */
export function readerManifests(resources: readonly RecordedResource[]): Manifest[] {
  const placed = resources.flatMap(placeOf);
  const sets = placed.filter(({ resource }) => resource === "statefulsets");
  const home = sets.find(({ name }) => name === "vault")?.namespace ?? "vault";
  const namespaces = [...new Set(placed.flatMap(({ namespace }) => namespace ?? []))].sort();
  const subjects = [{ kind: "ServiceAccount", name: readerName, namespace: home }];
  const wide = placed.filter(({ namespace }) => namespace === undefined);
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: readerName, namespace: home } },
    ...roleWithBinding({ name: `${readerName}-${home}` }, [...clusterRules(wide), ...portRules(placed)], subjects),
    ...namespaces.flatMap((namespace) => {
      const inside = placed.filter((object) => object.namespace === namespace);
      const rules = [...namespaceRules(inside), ...podRules(inside, podsOf(resources, namespace))];
      return roleWithBinding({ name: readerName, namespace }, rules, subjects);
    }),
  ];
}

function placeOf({ type, inputs, custom }: RecordedResource): Placed[] {
  const [, group = "", kind = ""] = /^kubernetes:([^/:]+)\/[^:]+:(\w+)$/.exec(type) ?? [];
  // The objects of a chart are known to nobody but its plugin, and a Secret is not for this account.
  if (!custom || kind === "" || kind === "Secret" || group === "helm.sh") return [];
  const { name, namespace } = metadataOf(inputs);
  return [{ group: group === "core" ? "" : group, resource: pluralOf(kind), namespace, name }];
}

function metadataOf(inputs: Readonly<Record<string, unknown>>): {
  name: string | undefined;
  namespace: string | undefined;
} {
  const metadata = inputs["metadata"];
  const at = (key: string): string | undefined => {
    const value: unknown = typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, key) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return { name: at("name"), namespace: at("namespace") };
}

/** As Kubernetes itself guesses it. */
function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular.endsWith("s")) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

function clusterRules(objects: readonly Placed[]): Rule[] {
  return grouped(objects).map(([group, resource, same]) => ({
    apiGroups: [group],
    resources: [resource],
    resourceNames: same.flatMap(({ name }) => name ?? []).sort(),
    verbs: ["get"],
  }));
}

/** A network policy depends on the ports of DNS and of the API server, which are looked up. */
function portRules(objects: readonly Placed[]): Rule[] {
  if (!objects.some(({ resource }) => resource === "networkpolicies")) return [];
  const resourceNames = [...new Set([apiServerService, ...dnsServices].map(({ name }) => name))].sort();
  return [{ apiGroups: [""], resources: ["endpoints", "services"], resourceNames, verbs: ["get"] }];
}

function namespaceRules(objects: readonly Placed[]): Rule[] {
  return grouped(objects).map(([group, resource]) => ({ apiGroups: [group], resources: [resource], verbs: read }));
}

/** A connection reaches the ports of a pod, whose programs ask for a login of their own. */
function podRules(objects: readonly Placed[], pods: readonly string[]): Rule[] {
  if (!objects.some(({ resource }) => resource === "statefulsets")) return [];
  const volumes = { apiGroups: [""], resources: ["pods", "persistentvolumeclaims"], verbs: read };
  // A connection is opened by `create`, or by `get` where it is a WebSocket.
  const connect = { apiGroups: [""], resources: ["pods/portforward"], resourceNames: pods, verbs: ["create", "get"] };
  return [volumes, connect];
}

function podsOf(resources: readonly RecordedResource[], wanted: string): string[] {
  return resources
    .filter(({ type }) => type === "kubernetes:apps/v1:StatefulSet")
    .filter(({ inputs }) => metadataOf(inputs).namespace === wanted)
    .flatMap(({ inputs }) => {
      const { name = "" } = metadataOf(inputs);
      const spec = inputs["spec"];
      const replicas: unknown = typeof spec === "object" && spec !== null ? Reflect.get(spec, "replicas") : 1;
      if (typeof replicas !== "number") return [podName(name)];
      return Array.from({ length: replicas }, (_, index) => `${name}-${index}`);
    });
}

function grouped(objects: readonly Placed[]): [group: string, resource: string, same: readonly Placed[]][] {
  const kinds = Map.groupBy(objects, ({ group, resource }) => `${group}/${resource}`);
  return [...kinds.values()]
    .map((same): [string, string, readonly Placed[]] => [same[0]?.group ?? "", same[0]?.resource ?? "", same])
    .sort(([a, b], [c, d]) => (`${a}/${b}` < `${c}/${d}` ? -1 : 1));
}

function roleWithBinding(
  metadata: { readonly name: string; readonly namespace?: string },
  rules: readonly Rule[],
  subjects: readonly unknown[],
): Manifest[] {
  const scope = metadata.namespace === undefined ? "ClusterRole" : "Role";
  const roleRef = { apiGroup: rbac, kind: scope, name: metadata.name };
  return [
    { apiVersion: `${rbac}/v1`, kind: scope, metadata, rules },
    { apiVersion: `${rbac}/v1`, kind: `${scope}Binding`, metadata, roleRef, subjects },
  ];
}
