/**
 * `npm run graph -- [stack] [--format tree|mermaid|json|html] [--out <file>]`: what a stack consists of and what comes
 * after what, from its program and settings alone; neither cluster nor engine nor network is needed. The picture (html)
 * goes to a file, .vault/<stack>/graph.html unless told otherwise.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fault } from "../shared/errors.ts";
import { graphView } from "../graph/graph-view.ts";
import { renderPicture } from "../graph/picture/render-picture.ts";
import type { Recording } from "../graph/recorder.ts";
import { renderMermaid } from "../graph/render-mermaid.ts";
import { renderTree } from "../graph/render-tree.ts";
import { stackGraph } from "../graph/stack-graph.ts";
import { refuse } from "./refuse.ts";
import { stackArgument } from "./stack-argument.ts";

const formats = ["tree", "mermaid", "json", "html"] as const;
type Format = (typeof formats)[number];

const { values, positionals } = parseArgs({
  options: { format: { type: "string", default: "tree" }, out: { type: "string" } },
  allowPositionals: true,
});
const { format } = values;
const { stack, faults } = stackArgument(positionals);
if (faults.length > 0) refuse(faults);
if (!isFormat(format)) refuse([fault("--format", `must be one of ${formats.join(", ")}`, format, "name one")]);

const { resources, edges, parents, outputs } = await stackGraph({ stack }).catch((error: unknown) =>
  refuse([error instanceof Error ? error.message : String(error)]),
);
const text = rendered(format, { resources, edges, parents, outputs });
const file = values.out ?? (format === "html" ? join(".vault", stack, "graph.html") : undefined);
if (file === undefined) {
  process.stdout.write(text);
} else {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stderr.write(`${resources.length} resources of stack ${stack} are drawn in ${file}\n`);
}

function rendered(chosen: Format, recording: Recording): string {
  switch (chosen) {
    case "tree":
      return `${renderTree(`stack ${stack}`, graphView(recording))}\n`;
    case "mermaid":
      return `${renderMermaid(graphView(recording))}\n`;
    case "json":
      return `${JSON.stringify({ graphVersion: 1, stack, ...recording }, null, 2)}\n`;
    case "html":
      return renderPicture(`stack ${stack}`, graphView(recording));
  }
}

function isFormat(word: string): word is Format {
  return (formats as readonly string[]).includes(word);
}
