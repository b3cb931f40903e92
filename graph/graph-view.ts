import { idOf, type Recording, type RecordedResource } from "./recorder.ts";

/** Which part of the whole a resource belongs to. */
export type Family = "component" | "cluster" | "vault" | "protocol" | "database" | "local" | "provider";

/** A resource in the tree of a graph. */
export interface ViewNode {
  readonly id: string;
  readonly name: string;
  /** Last part of the type, such as `StatefulSet`. */
  readonly kind: string;
  readonly family: Family;
  readonly children: readonly ViewNode[];
  /** Ids of the resources it depends on, without those implied by another of them. */
  readonly needs: readonly string[];
}

/**
 * Puts a recording into the order in which people read it: as a tree, in which each resource lists only its nearest
 * dependencies.
 * @returns What the stack itself declares, with everything below.
 */
export function graphView(recording: Recording): ViewNode[] {
  const needs = nearestNeeds(recording);
  const children = Map.groupBy(recording.resources, (resource) => recording.parents[idOf(resource)] ?? "");
  const nodesOf = (parent: string): ViewNode[] =>
    (children.get(parent) ?? []).map((resource) => {
      const id = idOf(resource);
      return { ...described(resource), id, children: nodesOf(id), needs: needs.get(id) ?? [] };
    });
  return sortedByNeed(nodesOf(""));
}

/** All resources of a view, parents before their children. */
export function flattened(nodes: readonly ViewNode[]): ViewNode[] {
  return nodes.flatMap((node) => [node, ...flattened(node.children)]);
}

function described(resource: RecordedResource): Pick<ViewNode, "name" | "kind" | "family"> {
  const { type, name } = resource;
  const kind = type.split(":").at(-1) ?? type;
  return { name, kind: type.startsWith("pulumi:providers:") ? `${kind} provider` : kind, family: familyOf(resource) };
}

function familyOf({ type, custom }: RecordedResource): Family {
  if (type.startsWith("pulumi:providers:")) return "provider";
  if (type.startsWith("kubernetes:")) return "cluster";
  if (!custom) return "component";
  if (type.startsWith("vault:")) return "vault";
  if (type.startsWith("pulumi-nodejs:")) return "protocol";
  return type.startsWith("postgresql:") ? "database" : "local";
}

/** Of what each resource depends on, only what no other of its dependencies depends on. Edges never form a cycle. */
function nearestNeeds({ edges }: Recording): Map<string, string[]> {
  const direct = Map.groupBy(edges, ({ from }) => from);
  const reached = new Map<string, ReadonlySet<string>>();
  const reachedFrom = (id: string): ReadonlySet<string> => {
    const known = reached.get(id);
    if (known !== undefined) return known;
    const all = new Set((direct.get(id) ?? []).flatMap(({ to }) => [to, ...reachedFrom(to)]));
    reached.set(id, all);
    return all;
  };
  // A provider without dependencies says nothing about order: everything uses it.
  const tells = ({ to }: { readonly to: string }): boolean => !to.startsWith("pulumi:providers:") || direct.has(to);
  return new Map(
    Array.from(direct, ([id, own]) => {
      const needs = own.filter(tells).map(({ to }) => to);
      return [id, needs.filter((need) => !needs.some((other) => other !== need && reachedFrom(other).has(need)))];
    }),
  );
}

/** What comes first is listed first; equals keep their order. */
function sortedByNeed(nodes: readonly ViewNode[]): ViewNode[] {
  const owner = new Map(nodes.flatMap((node) => flattened([node]).map(({ id }) => [id, node] as const)));
  const depths = new Map<ViewNode, number>();
  const depth = (node: ViewNode, path: readonly ViewNode[] = []): number => {
    const known = depths.get(node);
    if (known !== undefined) return known;
    const before = flattened([node]).flatMap(({ needs }) => needs.map((need) => owner.get(need)));
    // Two components may need parts of each other, though no two resources do.
    const others = before.filter((other) => other !== undefined && other !== node && !path.includes(other));
    const result = Math.max(0, ...others.map((other) => (other === undefined ? 0 : depth(other, [...path, node]) + 1)));
    if (path.length === 0) depths.set(node, result);
    return result;
  };
  for (const node of nodes) depth(node);
  return [...nodes].sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0));
}
