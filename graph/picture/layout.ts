import * as dagre from "@dagrejs/dagre";
import { flattened, type ViewNode } from "../graph-view.ts";

/** The parts of the library that are used; its own types are written for bundlers and do not resolve in Node. */
interface Dagre {
  readonly Graph: new () => DagreGraph;
  readonly layout: (graph: DagreGraph) => void;
}

interface DagreGraph {
  setGraph(settings: object): void;
  setNode(id: string, size: object): void;
  setEdge(from: string, to: string, label: object): void;
  graph(): { readonly width?: number; readonly height?: number };
  node(id: string): Pick<PictureBox, "x" | "y" | "width" | "height">;
  edges(): readonly { readonly v: string; readonly w: string }[];
  edge(edge: { readonly v: string; readonly w: string }): Pick<PictureArrow, "points">;
}

const { Graph, layout } = dagre as unknown as Dagre;

/** One line in a box. */
export interface PictureRow {
  readonly node: ViewNode;
  /** Its depth below the box's own component. */
  readonly depth: number;
}

/** What the stack itself declares, with everything below it as rows. */
export interface PictureBox {
  readonly node: ViewNode;
  readonly rows: readonly PictureRow[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A part of one box depends on a part of another. */
export interface PictureArrow {
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Where everything is placed. */
export interface PictureLayout {
  readonly boxes: readonly PictureBox[];
  readonly arrows: readonly PictureArrow[];
  readonly width: number;
  readonly height: number;
}

/** Dimensions of the drawing, in pixels. */
export const measures = { header: 30, row: 18, padding: 10, indent: 12, glyph: 6.7 } as const;

/** Finds a place for each component so that what comes first is on the left and few arrows cross. */
export function pictureLayout(nodes: readonly ViewNode[]): PictureLayout {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 70, marginx: 20, marginy: 20, acyclicer: "greedy" });
  const rows = new Map(nodes.map((node) => [node.id, rowsOf(node.children, 0)]));
  for (const node of nodes) graph.setNode(node.id, sizeOf(node, rows.get(node.id) ?? []));
  for (const [from, to] of boxEdges(nodes)) graph.setEdge(from, to, {});
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    boxes: nodes.map((node) => {
      const box = graph.node(node.id);
      const corner = { x: box.x - box.width / 2, y: box.y - box.height / 2 };
      return { node, rows: rows.get(node.id) ?? [], ...corner, width: box.width, height: box.height };
    }),
    arrows: graph.edges().map((edge) => ({ from: edge.v, to: edge.w, points: graph.edge(edge).points })),
    width,
    height,
  };
}

function rowsOf(nodes: readonly ViewNode[], depth: number): PictureRow[] {
  return nodes.flatMap((node) => [{ node, depth }, ...rowsOf(node.children, depth + 1)]);
}

function sizeOf(node: ViewNode, rows: readonly PictureRow[]): { width: number; height: number } {
  const { header, row, padding, indent, glyph } = measures;
  const textWidth = ({ name, kind }: ViewNode, depth = 0): number =>
    (name.length + kind.length + 4) * glyph + depth * indent;
  const width = Math.max(textWidth(node), ...rows.map((line) => textWidth(line.node, line.depth))) + 2 * padding;
  return { width, height: header + (rows.length === 0 ? 0 : rows.length * row + padding) };
}

/** Pairs of boxes, first and later, without those that others imply; cycles of two components stay as they are. */
function boxEdges(nodes: readonly ViewNode[]): [string, string][] {
  const box = new Map(nodes.flatMap((node) => flattened([node]).map(({ id }) => [id, node.id] as const)));
  const after = new Map(
    nodes.map((node) => {
      const before = flattened([node]).flatMap(({ needs }) => needs.map((need) => box.get(need) ?? ""));
      return [node.id, new Set(before.filter((id) => id !== "" && id !== node.id))];
    }),
  );
  const reaches = (from: string, to: string, avoiding: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    if (from === avoiding || seen.has(from)) return false;
    seen.add(from);
    return [...(after.get(from) ?? [])].some((next) => reaches(next, to, avoiding, seen));
  };
  return Array.from(after, ([id, before]) =>
    [...before]
      .filter((need) => ![...before].some((other) => other !== need && reaches(other, need, id)))
      .map((need): [string, string] => [need, id]),
  ).flat();
}
