import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";

const script = join(import.meta.dirname, "..", "..", "..", "scripts", "escrow.ts");

interface Engine {
  /** Settings the stack has already. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly failing?: boolean;
}

/** Runs the script with an engine that notes its arguments and its input, and knows the given settings. */
function escrow(args: readonly string[], { settings = {}, failing = false }: Engine = {}) {
  const known = Object.entries(settings).map(([key, value]) => `${key}) echo "${value}";;`);
  const folder = temporaryFolder({
    "path/pulumi": `#!/bin/sh
echo "$*" >> calls
${failing ? 'echo "error: no stack named that" >&2; exit 6' : ""}
if [ "$2" = get ]; then case "$3" in ${known.join(" ")} esac; else cat >> input; echo >> input; fi
`,
  });
  chmodSync(join(folder, "path/pulumi"), 0o755);
  const result = spawnSync(process.execPath, [script, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(folder, "path")}:${process.env["PATH"] ?? ""}` },
  });
  const noted = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  return { ...result, calls: noted("calls").trim().split("\n"), input: noted("input") };
}

// What these tests do not prove: that the engine encrypts the value; the sandbox's stacks are set up the same way live.
test("the private half is set as a secret, both halves by standard input and never as arguments", () => {
  const { status, calls, input } = escrow(["ha"]);
  expect(status).toBe(0);
  expect(calls.slice(1)).toEqual([
    "config set --stack ha --secret escrowPrivateKey --non-interactive",
    "config set --stack ha escrowPublicKey --non-interactive",
  ]);
  expect(input).toContain("BEGIN PGP PRIVATE KEY BLOCK");
}, 20_000);

test("nothing of the key is printed", () => {
  const { stdout, stderr } = escrow(["ha"]);
  expect(stdout).toBe("");
  expect(stderr).toBe("the escrow key pair of stack ha is in Pulumi.ha.yaml; keep that file in version control\n");
}, 20_000);

test("rejects a stack that has a key: Vault's shares are encrypted to it", () => {
  const { status, calls, stderr } = escrow(["ha"], { settings: { escrowPublicKey: "xsDN" } });
  expect(status).toBe(2);
  expect(calls).toHaveLength(1);
  expect(stderr).toContain("escrowPublicKey: must not be set yet");
});

test("a replaced pair keeps the present private half where the next run finds it, before it sets the new one", () => {
  const { status, calls, input } = escrow(["ha", "--replace"], {
    settings: { escrowPublicKey: "xsDN", escrowPrivateKey: "the-present-key" },
  });
  expect(status).toBe(0);
  expect(calls.filter((call) => call.startsWith("config set"))).toEqual([
    "config set --stack ha --secret escrowPreviousPrivateKey --non-interactive",
    "config set --stack ha --secret escrowPrivateKey --non-interactive",
    "config set --stack ha escrowPublicKey --non-interactive",
  ]);
  expect(input).toMatch(/^the-present-key\n-----BEGIN PGP PRIVATE KEY BLOCK/);
}, 20_000);

test.each([
  ["a pair is replaced a second time before the keys were", { escrowPrivateKey: "b", escrowPreviousPrivateKey: "a" }],
  ["there is nothing to replace", {}],
])("rejects to replace when %s, and sets nothing", (_name, settings) => {
  const { status, calls, stderr } = escrow(["ha", "--replace"], { settings });
  expect(status).toBe(2);
  expect(calls.filter((call) => call.startsWith("config set"))).toEqual([]);
  expect(stderr).toMatch(/^escrow\w+: must .*; /);
});

test("the engine's own complaint is passed on with its exit code", () => {
  const { status, stderr } = escrow(["nosuch"], { failing: true });
  expect(status).toBe(6);
  expect(stderr).toBe("error: no stack named that\n");
});

test.each([[], ["--stack", "ha"], ["ha", "dev"]])(
  "rejects arguments that are not one stack: %s",
  (...args: string[]) => {
    const { status, stderr } = escrow(args);
    expect(status).toBe(2);
    expect(stderr).toContain("npm run escrow -- ha");
  },
);
