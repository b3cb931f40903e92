import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { runStep, type Step } from "../steps.ts";
import type { Counts } from "./suite-table.ts";

const vitestReport = z.object({ numTotalTests: z.number(), numPassedTests: z.number(), numFailedTests: z.number() });

/** Tests to run, and how. */
export interface VitestRun extends Pick<Step, "name" | "environment" | "limitSeconds"> {
  /** Name of the project in vitest.config.ts. */
  readonly project: string;
  /** Further arguments. */
  readonly args?: readonly string[];
}

/**
 * Runs tests with their output passed through.
 * @returns Counts from the runner's own report, and the time.
 */
export async function runVitest({ project, args = [], ...step }: VitestRun): Promise<Counts & { seconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), "vaultstack-test-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const command = ["vitest", "run", "--project", project, ...reporters, ...args] as const;
    const { passed, seconds } = await runStep({ ...step, command });
    return { ...readCounts(step.name, report, passed), seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What a report of the runner says.
 * @param hasPassed Whether the runner ended well.
 */
export function countsOf(report: unknown, hasPassed: boolean): Counts {
  const { numTotalTests: all, numPassedTests: passed, numFailedTests: named } = vitestReport.parse(report);
  // A file that does not load, or cannot prepare or clean up, fails the run without failing a test.
  return { passed, failed: hasPassed ? named : Math.max(named, 1), skipped: all - passed - named };
}

function readCounts(name: string, report: string, hasPassed: boolean): Counts {
  try {
    return countsOf(JSON.parse(readFileSync(report, "utf8")), hasPassed);
  } catch {
    console.error(`test: ${name} left no report; see its output above`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
