import { describe, expect, test } from "vitest";

import {
  parseStackCommand,
  pulumiArguments,
  refreshVariable,
  type StackCommand,
} from "../../../scripts/stack-command.ts";

function understood(...argv: string[]): StackCommand {
  const command = parseStackCommand(argv);
  if ("faults" in command) throw new Error(command.faults.join("\n"));
  return command;
}

function refused(...argv: string[]): readonly string[] {
  const command = parseStackCommand(argv);
  return "faults" in command ? command.faults : [];
}

describe("a call", () => {
  test("without a stack is about dev in the sandbox", () => {
    expect(understood("up")).toEqual({ action: "up", stack: "dev", cluster: "sandbox", flags: [] });
  });

  test("takes the stack from the first word", () => {
    expect(understood("preview", "ha").stack).toBe("ha");
  });

  test("does not take a flag's value for the stack", () => {
    const command = understood("up", "--target", "urn:x");
    expect(command.stack).toBe("dev");
    expect(command.flags).toEqual(["--target", "urn:x"]);
  });

  test.each([
    [["--cluster", "current", "--diff"], "current"],
    [["--diff", "--cluster=current"], "current"],
    [["--cluster=sandbox", "--diff"], "sandbox"],
  ])("takes the cluster out of %j and passes the rest on", (words, cluster) => {
    expect(understood("up", "dev", ...words)).toMatchObject({ stack: "dev", cluster, flags: ["--diff"] });
  });

  test("rejects an unknown action", () => {
    expect(refused("apply")).toEqual([
      'the action: must be one of up, preview, refresh, destroy, got "apply"; name one',
    ]);
  });

  test("rejects an unknown cluster", () => {
    expect(refused("up", "--cluster", "kind")).toEqual([
      '--cluster: must be sandbox or current, got "kind"; name one of them',
    ]);
  });

  test("rejects a cluster flag without a value", () => {
    expect(refused("up", "--cluster")).toHaveLength(1);
  });

  test.each([["--stack", "ha"], ["--stack=ha"], ["-s", "ha"]])("rejects the stack as a flag: %s", (...words) => {
    expect(refused("up", ...words)[0]).toContain("npm run up -- dev");
  });

  test("reports all faults at once", () => {
    expect(refused("apply", "--cluster", "kind", "-s", "x")).toHaveLength(3);
  });
});

describe("the engine's arguments", () => {
  test("name action, stack and the caller's flags in this order", () => {
    expect(pulumiArguments(understood("preview", "ha", "--diff"), true)).toEqual([
      "preview",
      "--stack",
      "ha",
      "--policy-pack",
      "policy",
      "--diff",
    ]);
  });

  test.each([
    ["sandbox", true, true],
    ["sandbox", false, true],
    ["current", false, true],
    ["current", true, false],
  ] as const)("approve by themselves on the cluster %s, interactive %s: %s", (cluster, interactive, approved) => {
    const args = pulumiArguments(understood("up", "--cluster", cluster), interactive);
    expect(args.includes("--yes")).toBe(approved);
  });

  test.each([["preview"], ["refresh", "--preview-only"], ["destroy", "--preview-only"]])(
    "do not approve what changes nothing, which the engine refuses: %s %s",
    (...argv) => {
      expect(pulumiArguments(understood(...argv), false)).not.toContain("--yes");
    },
  );

  test.each([
    [["refresh"], true],
    [["up"], false],
    [["up", "--refresh"], true],
    [["up", "-r"], true],
    [["preview", "--refresh=true"], true],
    [["destroy"], false],
    [["destroy", "--target", "urn:x"], true],
    [["destroy", "--target=urn:x"], true],
    [["destroy", "-t", "urn:x"], true],
    [["destroy", "--exclude-protected"], true],
  ])("run the program where its connections are needed: %j, %s", (argv, expected) => {
    expect(pulumiArguments(understood(...argv), false).includes("--run-program")).toBe(expected);
  });

  test("leave the caller's own choice about the program alone", () => {
    const args = pulumiArguments(understood("refresh", "--run-program=false"), false);
    expect(args.filter((arg) => arg.startsWith("--run-program"))).toEqual(["--run-program=false"]);
  });
});

test("a run that looks at everything first tells the program so", () => {
  const command = { action: "preview", stack: "dev", cluster: "sandbox" } as const;
  expect(refreshVariable({ ...command, flags: ["--refresh"] })).toEqual({ PULUMI_OPTION_REFRESH: "true" });
  expect(refreshVariable({ ...command, flags: ["-r"] })).toEqual({ PULUMI_OPTION_REFRESH: "true" });
  expect(refreshVariable({ ...command, flags: ["--diff"] })).toEqual({});
});
