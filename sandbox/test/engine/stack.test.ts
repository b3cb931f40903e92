import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

import { engineLayout } from "../../engine/layout.ts";
import { prepareStack } from "../../engine/stack.ts";
import type { Project } from "../../project.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** What a project could say: a value of the sandbox, the chart, and two settings that are made once. */
const project: Project = {
  stacks: ["dev"],
  settings: ({ nodeAddress, operatorChart }) => ({
    "vaultstack:nodeAddress": nodeAddress,
    "vaultstack:chart": operatorChart,
  }),
  firstSettings: (stack, config) =>
    Promise.resolve(
      config["vaultstack:key"] === undefined
        ? [
            { words: ["--secret", "--path", "seeds.password"], value: `secret of ${stack}` },
            { words: ["key"], value: "a key" },
          ]
        : [],
    ),
  extras: () => [],
  vault: () => undefined,
};

/** A project with a dev stack, and an engine that only notes its arguments and input. */
function sandbox({ tracked = "config:\n  vaultstack:nodePort: 30004\n" } = {}) {
  const folder = temporaryFolder({
    "project/Pulumi.yaml": "name: vaultstack\nruntime: nodejs\n",
    "project/Pulumi.dev.yaml": tracked,
    "path/pulumi": `#!/bin/sh\nshift 3; echo "$* [$PULUMI_OPTION_STACK$PULUMI_OPTION_CONFIG_FILE]" >> "$NOTES/calls"; cat >> "$NOTES/input"\n`,
  });
  chmodSync(join(folder, "path/pulumi"), 0o755);
  const layout = engineLayout(join(folder, "project"), join(folder, "state"));
  mkdirSync(layout.stacks, { recursive: true });
  const env = {
    PATH: `${join(folder, "path")}:${process.env["PATH"] ?? ""}`,
    NOTES: folder,
    PULUMI_OPTION_STACK: "other",
    PULUMI_OPTION_CONFIG_FILE: "/elsewhere",
  };
  const note = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const machine = { nodeAddress: "10.200.0.1", operatorChart: "/charts/operator" };
  const settingsFile = join(layout.stacks, "Pulumi.dev.yaml");
  return {
    folder,
    layout,
    settingsFile,
    prepare: (stack = "dev") => prepareStack(layout, stack, { project, machine }, env),
    settings: () => parse(readFileSync(settingsFile, "utf8")) as { config: Record<string, unknown> },
    calls: () => note("calls").split("\n").filter(Boolean),
    input: () => note("input"),
  };
}

function haveStack(backend: string): void {
  mkdirSync(join(backend, ".pulumi/stacks/vaultstack"), { recursive: true });
  writeFileSync(join(backend, ".pulumi/stacks/vaultstack/dev.json"), "{}");
}

// What these tests do not prove: that the engine takes these commands; every live test starts with them.
test("a new stack is made and gets its first settings by standard input, in the settings folder's own file", async () => {
  const { prepare, calls, input } = sandbox();
  await prepare();
  expect(calls()).toEqual([
    "stack init dev --no-select []",
    "config set --stack dev --secret --path seeds.password []",
    "config set --stack dev key []",
  ]);
  expect(input()).toBe("secret of deva key");
});

test("the settings file has the tracked values and those of the sandbox, and is its owner's alone", async () => {
  const { prepare, settings, settingsFile } = sandbox();
  await prepare();
  expect(settings().config).toEqual({
    "vaultstack:nodeAddress": "10.200.0.1",
    "vaultstack:nodePort": 30004,
    "vaultstack:chart": "/charts/operator",
  });
  expect(statSync(settingsFile).mode & 0o777).toBe(0o600);
});

test("a tracked node address wins over the sandbox's", async () => {
  const { prepare, settings } = sandbox({ tracked: "config:\n  vaultstack:nodeAddress: 127.0.0.1\n" });
  await prepare();
  expect(settings().config).toMatchObject({ "vaultstack:nodeAddress": "127.0.0.1" });
});

test("a stack is asked for its first settings with what it has, and is not made again", async () => {
  const { layout, prepare, calls, settingsFile, settings } = sandbox();
  haveStack(layout.backend);
  writeFileSync(settingsFile, "config:\n  vaultstack:key: present\n");
  await prepare();
  expect(calls()).toEqual([]);
  expect(settings().config).toHaveProperty("vaultstack:key", "present");
});

test("the tracked files are not touched", async () => {
  const { layout, prepare } = sandbox();
  const before = statSync(join(layout.project, "Pulumi.dev.yaml")).mtimeMs;
  await prepare();
  expect(statSync(join(layout.project, "Pulumi.dev.yaml")).mtimeMs).toBe(before);
});

test("rejects a stack without a tracked settings file", async () => {
  const { prepare, calls } = sandbox();
  await expect(prepare("nosuch")).rejects.toThrow("Pulumi.nosuch.yaml: must exist in the project's folder");
  expect(calls()).toEqual([]);
});

test("rejects tracked settings with secrets of another passphrase", async () => {
  const { prepare, calls } = sandbox({ tracked: "encryptionsalt: v1:salt\n" });
  await expect(prepare()).rejects.toThrow("run this stack with --cluster current");
  expect(calls()).toEqual([]);
});
