import { describe, expect, test } from "vitest";
import { runEach } from "../../../../scripts/suites/run-each.ts";
import { countsOf } from "../../../../scripts/suites/run-vitest.ts";
import type { Suite } from "../../../../scripts/suites/suite-order.ts";

const suites = ["one", "two", "three"].map((file): Suite => ({ file, project: "live-long" }));

describe("live suites", () => {
  test("run to the last one after a failure, on a cluster that was made good again", async () => {
    const done: string[] = [];
    const results = await runEach(suites, {
      run: ({ file }) => {
        done.push(file);
        return Promise.resolve({ suite: file, passed: 1, failed: file === "two" ? 1 : 0, skipped: 0, seconds: 1 });
      },
      repair: () => Promise.resolve(done.push("repair")),
      report: (text) => done.push(text),
      keep: (soFar) => done.push(`kept ${soFar.length}`),
    });
    expect(results.map(({ suite, failed }) => [suite, failed])).toEqual([
      ["one", 0],
      ["two", 1],
      ["three", 0],
    ]);
    expect(done).toEqual([
      ...["suite 1 of 3, 0 failed so far", "one", "kept 1", "suite 2 of 3, 0 failed so far", "two", "kept 2"],
      ...["repair", "suite 3 of 3, 1 failed so far", "three", "kept 3"],
    ]);
  });
});

describe("the runner's report", () => {
  test("counts tests behind a failed one, which it does not call pending, as skipped", () => {
    const report = { numTotalTests: 5, numPassedTests: 1, numFailedTests: 1, numPendingTests: 1 };
    expect(countsOf(report, false)).toEqual({ passed: 1, failed: 1, skipped: 3 });
  });

  test("counts a file that could not prepare its tests as failed", () => {
    const report = { numTotalTests: 2, numPassedTests: 0, numFailedTests: 0, numPendingTests: 2 };
    expect(countsOf(report, false)).toEqual({ passed: 0, failed: 1, skipped: 2 });
  });
});
