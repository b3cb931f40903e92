import { readFileSync } from "node:fs";
import { flattened, type Family, type ViewNode } from "../graph-view.ts";
import { measures, pictureLayout, type PictureArrow, type PictureBox } from "./layout.ts";

const families: Readonly<Record<Family, string>> = {
  component: "component",
  cluster: "object in the cluster",
  vault: "object inside Vault",
  protocol: "step of the program's own",
  database: "object in Postgres",
  local: "in the state alone",
  provider: "provider",
};

/**
 * Draws a graph as a standalone page, which needs nothing but a browser: components as boxes, what comes first on the
 * left; hovering over a resource shows what it depends on and what depends on it.
 * @param title Heading of the page.
 */
export function renderPicture(title: string, nodes: readonly ViewNode[]): string {
  const all = flattened(nodes);
  const { boxes, arrows, width, height } = pictureLayout(nodes);
  const needs = Object.fromEntries(all.filter((node) => node.needs.length > 0).map((node) => [node.id, node.needs]));
  const present = new Set(all.map(({ family }) => family));
  const legend = (Object.keys(families) as Family[])
    .filter((family) => present.has(family))
    .map((family) => `<span><i class="${family}"></i>${families[family]}</span>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(title)}</title>
<style>
${asset("page.css")}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p>${all.length} resources; what comes first stands left. Point at one to see what it needs and what needs it.</p>
<div class="view" title="also by wheel, by dragging, and by the keys + - 0 and the arrows">
<button id="closer" aria-label="zoom in">+</button><button id="further" aria-label="zoom out">−</button><button id="whole">whole</button>
</div>
<input type="search" placeholder="find a resource" aria-label="find a resource">
<div class="legend">${legend.join("")}</div>
</header>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>
${arrows.map(renderArrow).join("\n")}
${boxes.map(renderBox).join("\n")}
</svg>
<script type="application/json" id="graph">${JSON.stringify({ needs }).replaceAll("<", "\\u003c")}</script>
<script type="module">
${script()}</script>
</body>
</html>
`;
}

function renderArrow({ from, to, points }: PictureArrow): string {
  const [start, ...rest] = points.map(({ x, y }) => `${round(x)} ${round(y)}`);
  const path = `M${start ?? "0 0"}L${rest.join("L")}`;
  return `<path class="arrow" data-from="${escaped(from)}" data-to="${escaped(to)}" d="${path}" marker-end="url(#tip)"/>`;
}

function renderBox({ node, rows, x, y, width, height }: PictureBox): string {
  const { header, row, indent } = measures;
  const lines = rows.map(({ node: line, depth }, index) =>
    renderItem(line, { top: header + index * row, height: row, left: depth * indent, width, head: false }),
  );
  const head = renderItem(node, { top: 0, height: header, left: 0, width, head: true });
  return `<g class="box" data-id="${escaped(node.id)}" transform="translate(${round(x)} ${round(y)})"><rect width="${round(width)}" height="${round(height)}" rx="8"/>${head}${lines.join("")}</g>`;
}

interface ItemPlace {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** Whether it is the box's own line. */
  readonly head: boolean;
}

function renderItem({ id, name, kind, family }: ViewNode, place: ItemPlace): string {
  const { padding, glyph } = measures;
  const { top, left, height, width, head } = place;
  const middle = top + height / 2;
  const start = padding + left;
  const text = start + 12;
  const after = text + (name.length + 1) * glyph;
  return `<g class="item${head ? " head" : ""}" data-id="${escaped(id)}"><title>${escaped(id)}</title><rect y="${round(top)}" width="${round(width)}" height="${height}"/><circle class="${family}" cx="${round(start + 3)}" cy="${round(middle)}" r="4"/><text class="name${head ? " title" : ""}" x="${round(text)}" y="${round(middle + 4)}">${escaped(name)}</text><text class="kind" x="${round(after)}" y="${round(middle + 4)}">${escaped(kind)}</text></g>`;
}

/** Both modules as one: a page of its own has nowhere to import from. */
function script(): string {
  const view = asset("view.mjs").replaceAll(/^export /gm, "");
  return `${view}\n${asset("behaviour.mjs").replaceAll(/^import .*\n/gm, "")}`;
}

function asset(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
