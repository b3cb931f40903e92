import { flattened, type ViewNode } from "./graph-view.ts";

/** Writes a graph as a Mermaid flowchart, which code forges render in comments; arrows start from what comes first. */
export function renderMermaid(nodes: readonly ViewNode[]): string {
  const all = flattened(nodes);
  const keys = new Map(all.map(({ id }, index) => [id, `n${index}`]));
  const boxes = (level: readonly ViewNode[], indent: string): string[] =>
    level.flatMap((node) => {
      const key = keys.get(node.id) ?? "";
      const label = `"${quoted(node.name)}<br/><small>${quoted(node.kind)}</small>"`;
      if (node.children.length === 0) return [`${indent}${key}[${label}]`];
      return [`${indent}subgraph ${key}[${label}]`, ...boxes(node.children, `${indent}  `), `${indent}end`];
    });
  const arrows = all.flatMap(({ id, needs }) =>
    needs.map((need) => `  ${keys.get(need) ?? ""} --> ${keys.get(id) ?? ""}`),
  );
  return ["flowchart LR", ...boxes(nodes, "  "), ...arrows].join("\n");
}

function quoted(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
