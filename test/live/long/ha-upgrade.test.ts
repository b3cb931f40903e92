/**
 * A cluster of servers that meets other code than the one it was made with: the previous commit's state. It proves
 * nothing about older commits than the previous one.
 */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { HaStack } from "../../support/ha-stack.ts";
import { previousCommit } from "../../support/project-copy.ts";

let ha: HaStack;

beforeAll(async () => {
  ha = await HaStack.create("lr-upgrade", { vault: 30430, webApp: 30431 });
});

afterAll(async () => {
  await ha.remove();
});

test("a cluster that the previous commit brought up is taken over by this one, and is then as declared", async () => {
  const copy = previousCommit();
  onTestFinished(() => {
    copy.remove();
  });
  const first = await ha.stack.withProject(copy.folder, () => ha.stack.up());
  expect(first.code, first.output).toBe(0);
  const keys = await ha.dev.keys();
  const { cluster_id: clusterId } = await ha.sealStatus("vault-0");
  const preview = await ha.stack.preview();
  expect(preview.code, preview.output).toBe(0);
  // Nothing begins anew that does something to the cluster, keeps its data or lets somebody in.
  expect(preview.output).not.toMatch(/^ *(\+|-|\+-|-\+|\+\+|--) +(pulumi-nodejs:dynamic|vault:|kubernetes:apps)/m);
  const up = await ha.stack.up();
  expect(up.code, up.output).toBe(0);
  expect(await ha.dev.keys()).toBe(keys);
  expect((await ha.sealStatus("vault-0")).cluster_id).toBe(clusterId);
  expect(await ha.dev.page()).toContain("static-user");
  for (const run of await ha.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
});
