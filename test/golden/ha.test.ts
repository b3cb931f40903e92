import { expect, test, vi } from "vitest";
import { graphOfDev } from "../support/graph-of-dev.ts";

// The scenario is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

/**
 * The whole graph of the ha stack, to be reviewed like code: `npx vitest run test/golden -u` accepts a change.
 * It proves what the program asks for, not that an engine or a cluster accepts it.
 */
test("the graph of the ha stack is the one that was reviewed", async () => {
  const { resources, outputs } = await graphOfDev({ stack: "ha", serving: false });
  const withoutCode = resources.map(({ inputs, ...rest }) => ({
    ...rest,
    // The serialised methods of a dynamic resource: their text changes with the layout of a source file.
    inputs: "__provider" in inputs ? { ...inputs, __provider: "[code]" } : inputs,
  }));
  const text = JSON.stringify({ outputs, resources: withoutCode }, null, 2).replaceAll(process.cwd(), ".");
  await expect(`${text}\n`).toMatchFileSnapshot("ha.json");
});
