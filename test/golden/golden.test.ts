import { expect, test, vi } from "vitest";
import { graphOfDev } from "../support/graph-of-dev.ts";
import { graphDifference, type ReviewedGraph, reviewedGraph } from "./reviewed-graph.ts";

// A scenario is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

/*
 * The whole graphs of both stacks, to be reviewed like code: `npx vitest run test/golden -u` accepts a change.
 * They prove what the program asks for, not that an engine or a cluster accepts it.
 */
const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const dev = async (): Promise<ReviewedGraph> => reviewedGraph(await graphOfDev());

test("the graph of the dev stack is the one that was reviewed", async () => {
  await expect(text(await dev())).toMatchFileSnapshot("dev.json");
});

test("the graph of the ha stack differs from that of dev as it was reviewed", async () => {
  const ha = reviewedGraph(await graphOfDev({ stack: "ha", serving: false }));
  await expect(text(graphDifference(await dev(), ha))).toMatchFileSnapshot("ha.json");
});
