import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { programProcess, type ProgramRun } from "../../language-host/program-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A run of a program whose folder holds nothing but an installed SDK. */
function runOf(values: Partial<ProgramRun> = {}): ProgramRun {
  const folder = temporaryFolder({ "node_modules/@pulumi/pulumi/cmd/run/index.js": "" });
  return {
    engineAddress: "127.0.0.1:1001",
    monitorAddress: "127.0.0.1:1002",
    organization: "organization",
    project: "vaultstack",
    stack: "dev",
    rootDirectory: folder,
    workingDirectory: folder,
    programDirectory: folder,
    entryPoint: "index.ts",
    args: [],
    config: {},
    configSecretKeys: [],
    dryRun: false,
    parallel: 16,
    options: { typescript: false },
    ...values,
  };
}

// What these tests do not prove: that the SDK's runner understands the flags; the live tests run it.
describe("the process of a program", () => {
  test("gets the engine's addresses as they are, so that hooks reach the engine", () => {
    const { args } = programProcess(runOf());
    expect(args).toContain("--monitor=127.0.0.1:1002");
    expect(args).toContain("--engine=127.0.0.1:1001");
  });

  test("names organisation, project, stack, folder and parallelism", () => {
    const run = runOf();
    expect(programProcess(run).args).toEqual(
      expect.arrayContaining([
        "--organization=organization",
        "--project=vaultstack",
        "--stack=dev",
        `--root-directory=${run.rootDirectory}`,
        `--pwd=${run.workingDirectory}`,
        "--parallel=16",
      ]),
    );
  });

  test("is told of a preview and only then", () => {
    expect(programProcess(runOf({ dryRun: true })).args).toContain("--dry-run=true");
    expect(programProcess(runOf()).args.join(" ")).not.toContain("--dry-run");
  });

  test("runs the SDK's runner with the program and its arguments last", () => {
    const run = runOf({ args: ["one", "two"] });
    const { args } = programProcess(run);
    expect(args[0]).toBe(join(run.programDirectory, "node_modules/@pulumi/pulumi/cmd/run"));
    expect(args.slice(-3)).toEqual(["index.ts", "one", "two"]);
  });

  test("finds an SDK installed in a folder above the program", () => {
    const run = runOf();
    const { args } = programProcess({ ...run, programDirectory: join(run.programDirectory, "deeper") });
    expect(args[0]).toBe(join(run.programDirectory, "node_modules/@pulumi/pulumi/cmd/run"));
  });

  test("gets config by environment, so that no list of processes shows a secret", () => {
    const { args, env } = programProcess(
      runOf({ config: { "vaultstack:key": "hidden-value" }, configSecretKeys: ["vaultstack:key"] }),
    );
    expect(JSON.parse(env["PULUMI_CONFIG"]!)).toEqual({ "vaultstack:key": "hidden-value" });
    expect(JSON.parse(env["PULUMI_CONFIG_SECRET_KEYS"]!)).toEqual(["vaultstack:key"]);
    expect(args.join(" ")).not.toContain("hidden-value");
  });

  test.each([
    [{ typescript: false }, "false"],
    [{ typescript: true }, "true"],
    [{}, "true"],
  ])("compiles TypeScript itself as the options %j say", (options, expected) => {
    expect(programProcess(runOf({ options })).env["PULUMI_NODEJS_TYPESCRIPT"]).toBe(expected);
  });

  test("puts nodeargs before the runner, with quoted parts kept whole", () => {
    const { args } = programProcess(runOf({ options: { nodeargs: `--import tsx "--title=a b" '--x=c d'` } }));
    expect(args.slice(0, 4)).toEqual(["--import", "tsx", "--title=a b", "--x=c d"]);
  });

  test("rejects nodeargs that are not text", () => {
    expect(() => programProcess(runOf({ options: { nodeargs: ["--import"] } }))).toThrow(
      'runtime.options.nodeargs: must be a string, got ["--import"]; fix Pulumi.yaml',
    );
  });

  test("rejects a program without the SDK and says what to run", () => {
    const folder = temporaryFolder();
    expect(() => programProcess(runOf({ programDirectory: folder }))).toThrow(
      `${folder}: must have @pulumi/pulumi installed, got no such package; run npm ci there`,
    );
  });
});
