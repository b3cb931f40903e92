import { mayBegin, type Suite } from "./suite-order.ts";
import type { SuiteResult } from "./suite-table.ts";

/** What is done with suites. */
export interface SuiteWork {
  /** How many run at a time, where they allow it. */
  readonly lanes: number;
  /** Runs one, to its end or its first failure. */
  readonly run: (suite: Suite) => Promise<SuiteResult>;
  /** Repairs the cluster, after a suite that failed. */
  readonly repair: () => Promise<unknown>;
  /** Reports progress. */
  readonly report: (text: string) => void;
  /** Keeps what is known so far, for whoever interrupts it. */
  readonly keep: (results: readonly SuiteResult[]) => void;
}

/**
 * Runs every suite, whatever becomes of the others. One that has to wait for another lets those after it go first; one
 * that deletes the cluster is last in every order.
 * @returns How each ended, in the order of the suites.
 */
export async function runEach(suites: readonly Suite[], work: SuiteWork): Promise<SuiteResult[]> {
  const results = new Map<Suite, SuiteResult>();
  const running = new Map<Suite, Promise<void>>();
  const waiting = [...suites];
  const inOrder = (): SuiteResult[] => suites.flatMap((suite) => results.get(suite) ?? []);
  const runOne = async (suite: Suite): Promise<void> => {
    const result = await work.run(suite);
    results.set(suite, result);
    work.keep(inOrder());
    if (result.failed > 0 && results.size < suites.length) await work.repair();
    running.delete(suite);
  };
  while (waiting.length > 0 || running.size > 0) {
    const isFull = running.size >= work.lanes;
    const next = isFull ? undefined : waiting.find((suite) => mayBegin(suite, [...running.keys()]));
    if (next === undefined) {
      await Promise.race(running.values());
      continue;
    }
    const failed = inOrder().filter((result) => result.failed > 0).length;
    waiting.splice(waiting.indexOf(next), 1);
    work.report(`suite ${suites.length - waiting.length} of ${suites.length}, ${failed} failed so far`);
    running.set(next, runOne(next));
  }
  return inOrder();
}
