import type { Suite } from "./suite-order.ts";
import type { SuiteResult } from "./suite-table.ts";

/** What is done with suites. */
export interface SuiteWork {
  /** Runs one, to its end or its first failure. */
  readonly run: (suite: Suite) => Promise<SuiteResult>;
  /** Makes the cluster good again, before the suite after one that failed. */
  readonly repair: () => Promise<unknown>;
  /** Says how far it is. */
  readonly report: (text: string) => void;
  /** Keeps what is known so far, for who interrupts it. */
  readonly keep: (results: readonly SuiteResult[]) => void;
}

/**
 * Runs every suite, whatever becomes of the others.
 * @returns How each ended, in order.
 */
export async function runEach(
  suites: readonly Suite[],
  { run, repair, report, keep }: SuiteWork,
): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const [index, suite] of suites.entries()) {
    if ((results.at(-1)?.failed ?? 0) > 0) await repair();
    const failed = results.filter((result) => result.failed > 0).length;
    report(`suite ${index + 1} of ${suites.length}, ${failed} failed so far`);
    results.push(await run(suite));
    keep(results);
  }
  return results;
}
