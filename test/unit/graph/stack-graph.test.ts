import { expect, test, vi } from "vitest";
import { idOf } from "../../../graph/recorder.ts";
import { stackGraph } from "../../../graph/stack-graph.ts";
import { graphOfDev } from "../../support/graph-of-dev.ts";

// Each recording is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

test.each(["dev", "ha"])(
  "every edge of the stack %s leads from a resource to one that it comes after",
  async (stack) => {
    const { resources, edges, parents } = await graphOfDev({ stack });
    const ids = resources.map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
    const strays = [...edges.flatMap(({ from, to }) => [from, to]), ...Object.entries(parents).flat()];
    expect(strays.filter((id) => !ids.includes(id))).toEqual([]);
    expect(edges.filter(({ via }) => via.length === 0)).toEqual([]);
  },
);

test.each(["dev", "ha"])(
  "no dynamic resource of the stack %s is given to a plugin, which does not know it",
  async (stack) => {
    const { resources } = await graphOfDev({ stack });
    const dynamic = resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"));
    expect(dynamic.length).toBeGreaterThan(10);
    expect(dynamic.filter(({ provider }) => provider !== "").map(idOf)).toEqual([]);
  },
);

test("a stack without settings here is refused with the names of those that have some", async () => {
  await expect(stackGraph({ stack: "prod" })).rejects.toThrow(
    'the stack: must be one of dev, ha, got "prod"; name one of them',
  );
});

test("a fault of the settings is told as `up` tells it", async () => {
  await expect(stackGraph({ stack: "dev", settings: { secretShares: "0" } })).rejects.toThrow(
    "vaultstack:secretShares: must",
  );
});
