import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { unreachableCluster } from "../../../scripts/cluster-check.ts";

const folder = mkdtempSync(join(tmpdir(), "cluster-check-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const kubeconfig = join(folder, "kubeconfig");
const context = (name: string) => ({ name, context: { cluster: "c", user: "u" } });
writeFileSync(
  kubeconfig,
  JSON.stringify({
    "current-context": "current",
    contexts: [context("current"), context("named")],
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "u", user: {} }],
  }),
);
const settings = join(folder, "Pulumi.team.yaml");
writeFileSync(settings, "config:\n  vaultstack:kubeContext: named\n");

const env = { KUBECONFIG: kubeconfig };

test("asks the cluster of the context in the stack's settings, wherever the engine is told they are", async () => {
  const expected = /^kubeContext: "named" \(https:\/\/127\.0\.0\.1:1\) must answer/;
  const byVariable = { ...env, PULUMI_OPTION_CONFIG_FILE: settings };
  expect(await unreachableCluster({ stack: "team", flags: [], env: byVariable })).toMatch(expected);
  expect(await unreachableCluster({ stack: "team", flags: ["--config-file", settings], env })).toMatch(expected);
  expect(await unreachableCluster({ stack: "team", flags: [`--config-file=${settings}`], env })).toMatch(expected);
});

test("asks the cluster of the current context when the settings name none", async () => {
  expect(await unreachableCluster({ stack: "no-such-stack", flags: [], env })).toContain('kubeContext: "current"');
});

test("says nothing where no context is named at all: the program says what is missing", async () => {
  const nowhere = { KUBECONFIG: join(folder, "none") };
  expect(await unreachableCluster({ stack: "no-such-stack", flags: [], env: nowhere })).toBeNull();
});
