/**
 * The policy pack in the hands of the engine. Each rule by itself is shown in the unit tests; here, that the engine
 * runs the pack and lets nothing be made that breaks it. It does not prove that the official analyzer plugin, which
 * this machine has not, does the same as ours: both start the SDK's own runner of policy packs.
 */
import { afterEach, expect, test } from "vitest";
import { LiveStack } from "../../support/live-stack.ts";

const pack = ["--policy-pack", `${process.cwd()}/policy`];
let stack: LiveStack | undefined;

afterEach(() => stack?.forget());

test("a preview of the dev stack passes, before anything exists", async () => {
  stack = await LiveStack.create("live-policy", { nodePort: 0, demo: { webAppNodePort: 0 }, secretsOperator: "none" });
  const preview = await stack.preview(...pack);
  expect(preview.code, preview.output).toBe(0);
  expect(preview.output).toMatch(/vaultstack@v?1\.0\.0 \(local/);
});

test("an up that would make a privileged pod fails before the pod is made, with every rule that is broken", async () => {
  stack = await LiveStack.ofProgram("live-policy-unruly", "unruly-program.ts", {});
  const up = await stack.up(...pack);
  expect(up.code).not.toBe(0);
  expect(up.output).toContain("[mandatory]");
  expect(up.output).toContain("pinned-images");
  expect(up.output).toContain('containers[0].image: must have a fixed tag or digest, got "busybox"; name a version');
  expect(up.output).toContain("unprivileged-pods");
  const { state } = await stack.exportState();
  expect(state.resources.filter(({ type }) => type === "kubernetes:core/v1:Pod")).toEqual([]);
});

test("an output that looks like a secret is refused without being shown by the rule", async () => {
  stack = await LiveStack.ofProgram("live-policy-output", "unruly-program.ts", {});
  const preview = await stack.preview(...pack);
  expect(preview.output).toContain("no-secret-outputs");
  expect(preview.output).toContain("outputs.found: must not be a token of Vault, got a value that is not shown");
});
