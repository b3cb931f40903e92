import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";

import { temporaryFolder } from "../../sandbox/test/support/temporary-folder.ts";

const ofProject = { "node_modules/a": { version: "1.0.0" }, "node_modules/of-a": { version: "1.0.0" } };
const installed = { ...ofProject, "node_modules/of-sandbox": { version: "1.0.0" } };
const locked = {
  "": { version: "0.1.0", devDependencies: { a: "1.0.0" }, optionalDependencies: { "other-platform": "1.0.0" } },
  sandbox: { version: "0.1.0", dependencies: { a: "1.0.0", "of-sandbox": "1.0.0" } },
  ...installed,
  "node_modules/other-platform": { version: "1.0.0", optional: true },
};
const program = `console.log(JSON.stringify({ args: process.argv.slice(2), path: process.env["PATH"], cwd: process.cwd() }));
  process.exitCode = Number(process.argv[2] ?? 0) || 0;`;

/** A clone of the project with three scripts, and an npm that notes its call and installs what is locked. */
function clone({ present = undefined as object | undefined, npm = "exit 0" } = {}) {
  const folder = temporaryFolder({
    "package-lock.json": JSON.stringify({ packages: locked }),
    "scripts/check.ts": program,
    "scripts/graph.ts": program,
    "scripts/stack.ts": program,
    "path/npm": `#!/bin/sh\necho "$@" >> npm-calls\necho "npm says hello"\n${npm}\n`,
    ...(present && { "node_modules/.package-lock.json": JSON.stringify({ packages: present }) }),
  });
  chmodSync(join(folder, "path/npm"), 0o755);
  copyFileSync(join(import.meta.dirname, "../../run.mjs"), join(folder, "run.mjs"));
  const env = { ...process.env, PATH: `${join(folder, "path")}:${process.env["PATH"] ?? ""}` };
  return {
    folder,
    env,
    run: (...args: string[]) =>
      spawnSync(process.execPath, [join(folder, "run.mjs"), ...args], { env, encoding: "utf8", cwd: "/" }),
    npmCalls: () => (existsSync(join(folder, "npm-calls")) ? readFileSync(join(folder, "npm-calls"), "utf8") : ""),
  };
}

describe("the door of the npm scripts", () => {
  test("installs the packages of a fresh clone before the script runs", () => {
    const { run, npmCalls } = clone();
    expect(run("check").status).toBe(0);
    expect(npmCalls()).toMatch(/^ci --ignore-scripts --include=dev/);
  });

  test("keeps standard output for the script alone", () => {
    const { stdout, stderr } = clone().run("check");
    expect(stdout).not.toContain("npm says hello");
    expect(stderr).toContain("npm says hello");
  });

  test("installs nothing when what is locked is there, other platforms' packages aside", () => {
    const { run, npmCalls } = clone({ present: installed });
    expect(run("check").status).toBe(0);
    expect(npmCalls()).toBe("");
  });

  test.each([
    ["another version", { ...installed, "node_modules/of-a": { version: "0.9.0" } }],
    ["a missing package", { "node_modules/of-sandbox": { version: "1.0.0" } }],
    ["a package that is not locked", { ...installed, "node_modules/b": { version: "1.0.0" } }],
  ])("installs again after %s", (_, present) => {
    const { run, npmCalls } = clone({ present });
    run("check");
    expect(npmCalls()).not.toBe("");
  });

  const free = ["graph", "up team --cluster current", "up team --cluster=current --diff"];

  test.each(free)("asks npm for nothing of the sandbox for `%s`", (call) => {
    const { run, npmCalls } = clone();
    expect(run(...call.split(" ")).status).toBe(0);
    expect(npmCalls()).not.toContain("workspace");
  });

  test.each(free)("is content without the sandbox's packages for `%s`", (call) => {
    const { run, npmCalls } = clone({ present: ofProject });
    expect(run(...call.split(" ")).status).toBe(0);
    expect(npmCalls()).toBe("");
  });

  test.each(["check", "up", "preview current --cluster sandbox"])(
    "installs the sandbox's packages, too, for `%s`",
    (call) => {
      const { run, npmCalls } = clone({ present: ofProject });
      expect(run(...call.split(" ")).status).toBe(0);
      expect(npmCalls()).toContain("--workspaces --include-workspace-root");
    },
  );

  test("runs no script when npm fails", () => {
    const { status, stdout, stderr } = clone({ npm: "exit 1" }).run("check");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("npm ci: must succeed, got exit code 1");
  });

  test("passes arguments and exit code on, and runs in the project's folder with its programs first on PATH", () => {
    const { folder, run } = clone({ present: installed });
    const { status, stdout } = run("check", "3", "--flag", "a b");
    const seen = JSON.parse(stdout) as { args: string[]; path: string; cwd: string };
    expect(status).toBe(3);
    expect(seen.args).toEqual(["3", "--flag", "a b"]);
    expect(seen.cwd).toBe(folder);
    expect(seen.path.startsWith(`${join(folder, "node_modules", ".bin")}:`)).toBe(true);
  });

  test("passes a signal on and waits for the script's own end", async () => {
    const { folder, env } = clone({ present: installed });
    writeFileSync(
      join(folder, "scripts/check.ts"),
      `import { writeFileSync } from "node:fs";
       process.on("SIGINT", () => setTimeout(() => process.exit(9), 100));
       writeFileSync("ready", ""); setInterval(() => undefined, 1000);`,
    );
    const child = spawn(process.execPath, [join(folder, "run.mjs"), "check"], { env, stdio: "ignore" });
    await vi.waitUntil(() => existsSync(join(folder, "ready")), { timeout: 10_000 });
    child.kill("SIGINT");
    expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(9);
  });

  test("rejects an unknown script and names those there are", () => {
    const { status, stderr } = clone({ present: installed }).run("deploy");
    expect(status).toBe(2);
    expect(stderr).toContain("must be one of up, preview, refresh, destroy, sandbox");
    expect(stderr).toContain('got "deploy"');
  });
});

test("every npm script goes through the door under its own name", () => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  for (const [name, command] of Object.entries(scripts)) expect(command).toBe(`node run.mjs ${name}`);
});
