import type { Clock } from "./clock.ts";
import { lookUntilFound } from "./look-until-found.ts";

/** What is looked at, for how long, and what is said when time is up. */
export interface Awaited {
  readonly timeoutSeconds: number;
  /** Between two looks. @default 300 */
  readonly pollMs?: number;
  /**
   * What is still missing; nothing when all is as it should be. An API server that is away for a moment counts as
   * missing too.
   */
  readonly look: () => Promise<readonly string[]>;
  /** The error, from what was missing last. */
  readonly explain: (missing: readonly string[]) => string | Promise<string>;
}

/**
 * Looks until nothing is missing.
 *
 * @throws with the explanation when time is up.
 */
export async function awaitNothingMissing(
  clock: Clock,
  { timeoutSeconds, pollMs = 300, look, explain }: Awaited,
): Promise<void> {
  await lookUntilFound(clock, {
    milliseconds: timeoutSeconds * 1000,
    pollMs,
    look: async () => {
      const missing = await look();
      return missing.length === 0 ? { found: null } : { missing };
    },
    explain: async (missing) => new Error(await explain(missing)),
  });
}
