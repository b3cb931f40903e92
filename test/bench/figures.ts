import type { EngineRun } from "../support/live-stack.ts";

/** Repetitions of what is short; the median is printed. */
const repetitions = 5;

/** One measurement. */
export interface Figure {
  readonly what: string;
  readonly seconds: number;
  /** What the same takes by hand, and what that is; null where there is no such way. */
  readonly baseline: { readonly what: string; readonly seconds: number } | null;
}

/** Waits for a run that must succeed. */
export async function must(run: Promise<EngineRun>): Promise<void> {
  const { code, output } = await run;
  if (code !== 0) throw new Error(`bench: a run failed, so there is no figure\n${output}`);
}

/** How long something takes, in seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** How long something takes that is short: the median of several times. */
export async function median(
  work: () => Promise<unknown>,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < repetitions; turn += 1) {
    await before();
    times.push(await timed(work));
  }
  return times.toSorted((left, right) => left - right)[Math.floor(repetitions / 2)] ?? Number.NaN;
}

/** The measurements as a table, with the ratio to what is done by hand. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, seconds, baseline }) => [
    what,
    shown(seconds),
    baseline === null ? "" : shown(baseline.seconds),
    baseline === null ? "" : (seconds / baseline.seconds).toFixed(2),
    baseline?.what ?? "no such way by hand",
  ]);
  const all = [["use", "this project", "by hand", "ratio", "baseline"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, `median of ${repetitions} where it is short; one run of what is long`].join("\n");
}

function shown(seconds: number): string {
  return seconds < 0.1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(1)} s`;
}
