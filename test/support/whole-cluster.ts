import { expect } from "vitest";
import type { HaStack } from "./ha-stack.ts";
import { expectKept, type KeptData } from "./kept-data.ts";

const init = /[+~-].*vault:Init\b/;

/** Expects a cluster of these servers and no others, with all the data that was kept in it, and nothing to change. */
export async function expectCluster(
  ha: HaStack,
  clusterId: string,
  pods: readonly string[],
  kept: KeptData,
): Promise<void> {
  const preview = await ha.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
  expect(await ha.clusters(pods)).toEqual([clusterId]);
  expect(await ha.voters()).toEqual(pods);
  await expectKept(ha, kept);
}

/** An `up` that succeeds and initialises nothing; what it printed. */
export async function upWithoutInit(ha: HaStack): Promise<string> {
  const up = await ha.stack.up();
  expect(up.code, up.output).toBe(0);
  expect(up.output).not.toMatch(init);
  return up.output;
}
