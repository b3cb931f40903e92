import { describe, expect, test } from "vitest";
import { runEach, type SuiteWork } from "../../../../scripts/suites/run-each.ts";
import { countsOf } from "../../../../scripts/suites/run-vitest.ts";
import type { Suite } from "../../../../scripts/suites/suite-order.ts";

const long = (name: string): Suite => ({ file: `test/live/long/${name}.test.ts`, project: "live-long" });
const clusterWide = (name: string): Suite => ({ file: `test/live/cluster-wide/${name}.test.ts`, project: "live-long" });
const nameOf = ({ file }: Suite): string => file.replace(/^.*\/|\.test\.ts$/g, "");

/** Suites that take a turn of the clock each; what was done, and which ran beside each other. */
function recorder(failing: readonly string[] = []) {
  const done: string[] = [];
  const beside: string[][] = [];
  const running = new Set<string>();
  const work: Omit<SuiteWork, "lanes"> = {
    run: async (suite) => {
      const name = nameOf(suite);
      running.add(name);
      done.push(name);
      beside.push([...running]);
      await new Promise(setImmediate);
      running.delete(name);
      return { suite: name, passed: 1, failed: failing.includes(name) ? 1 : 0, skipped: 0, seconds: 1 };
    },
    repair: () => Promise.resolve(done.push("repair")),
    report: (text) => done.push(text),
    keep: (soFar) => done.push(`kept ${soFar.length}`),
  };
  return { done, beside, work };
}

describe("live suites", () => {
  test("run to the last one after a failure, on a cluster that was made good again", async () => {
    const { done, work } = recorder(["two"]);
    const results = await runEach(["one", "two", "three"].map(long), { ...work, lanes: 1 });
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

  test("run two at a time, but never two that use what the cluster has once, and alone what takes it away", async () => {
    const { beside, work } = recorder();
    const last = clusterWide("sandbox-lifecycle");
    const suites = [clusterWide("operator"), clusterWide("gateway"), long("a"), long("b"), last];
    const results = await runEach(suites, { ...work, lanes: 2 });
    expect(beside).toContainEqual(["operator", "a"]);
    expect(beside.filter((running) => running.includes("operator") && running.includes("gateway"))).toEqual([]);
    expect(beside.filter((running) => running.length > 2)).toEqual([]);
    expect(beside.at(-1)).toEqual(["sandbox-lifecycle"]);
    expect(results.map(({ suite }) => suite)).toEqual(suites.map(nameOf));
  });

  test("that are short run one at a time, as npm test runs them", async () => {
    const { beside, work } = recorder();
    const short = (name: string): Suite => ({ file: `test/live/short/${name}.test.ts`, project: "live" });
    await runEach([short("one"), short("two"), long("a")], { ...work, lanes: 2 });
    expect(beside).toEqual([["one"], ["two"], ["a"]]);
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
