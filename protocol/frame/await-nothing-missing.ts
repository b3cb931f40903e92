import { isTransient } from "../../kube/kube-error.ts";
import type { Clock } from "./clock.ts";

/** What is looked at, for how long, and what is said when time is up. */
export interface Awaited {
  readonly timeoutSeconds: number;
  /** Between two looks. @default 300 */
  readonly pollMs?: number;
  /** What is still missing; nothing when all is as it should be. An API server that is away for a moment is missing too. */
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
  const deadline = clock.now() + timeoutSeconds * 1000;
  for (;;) {
    const missing = await look().catch((error: unknown) => {
      if (isTransient(error)) return [error instanceof Error ? error.message : "the API server does not answer"];
      throw error;
    });
    if (missing.length === 0) return;
    if (clock.now() > deadline) throw new Error(await explain(missing));
    await clock.sleep(pollMs);
  }
}
