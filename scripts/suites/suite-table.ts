import { renderTable } from "./render-table.ts";

/** How many tests of something passed, failed, or did not run. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Also those after a failed one: a test that did not run has not passed. */
  readonly skipped: number;
}

/** How a live suite ended. */
export interface SuiteResult extends Counts {
  /** Its file, without what all of them have in common. */
  readonly suite: string;
  readonly seconds: number;
}

/** Nothing counted yet. */
const noCounts: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Adds counts. */
export function sum(all: readonly Counts[]): Counts {
  return all.reduce<Counts>(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    noCounts,
  );
}

/**
 * The result of each suite, one per line, and of all together: Markdown that is just as readable in a console.
 * @param results In the order they ran.
 */
export function renderSuiteTable(results: readonly SuiteResult[]): string {
  const seconds = results.reduce((total, result) => total + result.seconds, 0);
  const total = { ...sum(results), suite: `all ${results.length}`, seconds };
  const rows = [
    ["suite", "passed", "failed", "skipped", "seconds"],
    ...[...results, total].map(({ suite, passed, failed, skipped, seconds }) =>
      [suite, passed, failed, skipped, Math.round(seconds)].map(String),
    ),
  ];
  return renderTable(rows, (column) => column > 0);
}
