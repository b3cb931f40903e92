import { describe, expect, test } from "vitest";
import { parseTestCall } from "../../../../scripts/suites/test-call.ts";

describe("a call of the tests", () => {
  test.each([
    [[], { offline: true, faultWalk: true, suites: { kind: "short" } }],
    [["--no-live"], { offline: true, faultWalk: true, suites: { kind: "none" } }],
    [["--faults"], { offline: false, faultWalk: true, suites: { kind: "none" } }],
    [["--live"], { offline: false, faultWalk: false, suites: { kind: "short" } }],
    [["--live", "--all"], { offline: false, faultWalk: false, suites: { kind: "all" } }],
    [
      ["--live", "ha-", "long/rekey"],
      { offline: false, faultWalk: false, suites: { kind: "matching", filters: ["ha-", "long/rekey"] } },
    ],
  ])("%j means what it says", (words, expected) => {
    expect(parseTestCall(words)).toEqual(expected);
  });

  test.each([
    [["--live", "--bail"], /^flags: must be among --no-live, --live, --all, --faults, got \["--bail"\]/],
    [["rekey"], /^the call: must name no file, got \["rekey"\]; run npm run test:live -- /],
    [["--live", "--all", "rekey"], /^--all: must stand alone/],
  ])("%j is refused", (words, expected) => {
    const call = parseTestCall(words);
    expect("faults" in call && call.faults.join("\n")).toMatch(expected);
  });
});
