import { flattened, type ViewNode } from "./graph-view.ts";

/**
 * Draws a graph as a text tree; each resource is followed by what it depends on.
 * @returns Lines for a terminal.
 */
export function renderTree(title: string, nodes: readonly ViewNode[]): string {
  const names = new Map(flattened(nodes).map(({ id, name, kind }) => [id, `${kind} ${name}`]));
  const lines = (level: readonly ViewNode[], indent: string): string[] =>
    level.flatMap((node, index) => {
      const isLast = index === level.length - 1;
      const needs = node.needs.map((need) => names.get(need) ?? need);
      const after = needs.length === 0 ? "" : `  ← ${needs.join(", ")}`;
      return [
        `${indent}${isLast ? "└─" : "├─"} ${node.kind} ${node.name}${after}`,
        ...lines(node.children, `${indent}${isLast ? "   " : "│  "}`),
      ];
    });
  return [title, ...lines(nodes, "")].join("\n");
}
