import { expect } from "vitest";
import { type HaStack, patiently } from "./ha-stack.ts";

const init = /[+~-].*vault:Init\b/;

/** Expects a cluster of these servers and no others, with what `secret/kept` held before, and nothing to change. */
export async function expectCluster(ha: HaStack, clusterId: string, pods: readonly string[]): Promise<void> {
  const preview = await ha.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
  expect(await ha.clusters(pods)).toEqual([clusterId]);
  expect(await ha.voters()).toEqual(pods);
  const admin = await ha.admin();
  await expect(patiently(() => admin.request("GET", "secret/metadata/kept"))).resolves.toHaveProperty("data");
}

/** An `up` that succeeds and initialises nothing; what it printed. */
export async function upWithoutInit(ha: HaStack): Promise<string> {
  const up = await ha.stack.up();
  expect(up.code, up.output).toBe(0);
  expect(up.output).not.toMatch(init);
  return up.output;
}
