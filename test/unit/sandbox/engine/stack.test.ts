import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

import { engineLayout } from "../../../../sandbox/engine/layout.ts";
import { prepareStack } from "../../../../sandbox/engine/stack.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

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
  const settingsFile = join(layout.stacks, "Pulumi.dev.yaml");
  return {
    folder,
    layout,
    settingsFile,
    prepare: (stack = "dev") => prepareStack(layout, stack, "/charts/operator", env),
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
test("a new stack is made and gets its secrets by standard input, in the settings folder's own file", async () => {
  const { prepare, calls, input } = sandbox();
  await prepare();
  expect(calls()).toEqual([
    "stack init dev --no-select []",
    'config set --stack dev --secret --path kvSeeds["webapp/config"].username []',
    'config set --stack dev --secret --path kvSeeds["webapp/config"].password []',
    "config set --stack dev --secret escrowPrivateKey []",
    "config set --stack dev escrowPublicKey []",
  ]);
  expect(input()).toContain("BEGIN PGP PRIVATE KEY BLOCK");
  expect(input()).toContain("static-user");
}, 20_000);

test("the settings file has the tracked values and those of the sandbox, and is its owner's alone", async () => {
  const { prepare, settings, settingsFile } = sandbox();
  await prepare();
  expect(settings().config).toEqual({
    "vaultstack:nodeAddress": "10.200.0.1",
    "vaultstack:nodePort": 30004,
    "vaultstack:raftSpread": "preferred",
    "vaultstack:secretsOperatorChart": { kind: "path", path: "/charts/operator" },
  });
  expect(statSync(settingsFile).mode & 0o777).toBe(0o600);
}, 20_000);

test("a tracked node address wins over the sandbox's", async () => {
  const { prepare, settings } = sandbox({ tracked: "config:\n  vaultstack:nodeAddress: 127.0.0.1\n" });
  await prepare();
  expect(settings().config).toMatchObject({ "vaultstack:nodeAddress": "127.0.0.1" });
}, 20_000);

test("a stack with an escrow key is left alone: a seed that was taken out does not come back", async () => {
  const { layout, prepare, calls, settingsFile, settings } = sandbox();
  haveStack(layout.backend);
  writeFileSync(settingsFile, "config:\n  vaultstack:escrowPublicKey: xsDN\n");
  await prepare();
  expect(calls()).toEqual([]);
  expect(settings().config).toHaveProperty("vaultstack:escrowPublicKey", "xsDN");
});

test("a preparation that ended before the public half is gone on with: missing seeds, then a new key pair", async () => {
  const { layout, prepare, calls, settingsFile } = sandbox();
  haveStack(layout.backend);
  const seeds = "{ webapp/config: { username: { secure: a } } }";
  writeFileSync(
    settingsFile,
    `config:\n  vaultstack:escrowPrivateKey: { secure: b }\n  vaultstack:kvSeeds: ${seeds}\n`,
  );
  await prepare();
  expect(calls()).toEqual([
    'config set --stack dev --secret --path kvSeeds["webapp/config"].password []',
    "config set --stack dev --secret escrowPrivateKey []",
    "config set --stack dev escrowPublicKey []",
  ]);
}, 20_000);

test("the tracked files are not touched", async () => {
  const { layout, prepare } = sandbox();
  const before = statSync(join(layout.project, "Pulumi.dev.yaml")).mtimeMs;
  await prepare();
  expect(statSync(join(layout.project, "Pulumi.dev.yaml")).mtimeMs).toBe(before);
}, 20_000);

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
