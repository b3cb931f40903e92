import { isTransient } from "../../kube/kube-error.ts";
import type { Clock } from "./clock.ts";

/** What a look found: what is awaited, or why it is not there yet. */
export type Look<T> = { readonly found: T } | { readonly missing: readonly string[] };

/** What is looked for, for how long, and what is said when time is up. */
export interface Search<T> {
  readonly milliseconds: number;
  /** Between two looks. */
  readonly pollMs: number;
  readonly look: () => Promise<Look<T>>;
  /** The error, from what was missing last. */
  readonly explain: (missing: readonly string[]) => Error | Promise<Error>;
}

/**
 * Looks again and again until what is awaited is found. An API server that falls silent is waited for as well.
 *
 * @throws the explanation when time is up.
 */
export async function lookUntilFound<T>(clock: Clock, { milliseconds, pollMs, look, explain }: Search<T>): Promise<T> {
  const deadline = clock.now() + milliseconds;
  for (;;) {
    const result = await look().catch((error: unknown) => {
      if (!isTransient(error)) throw error;
      return { missing: [error instanceof Error ? error.message : "the API server does not answer"] };
    });
    if ("found" in result) return result.found;
    if (clock.now() > deadline) throw await explain(result.missing);
    await clock.sleep(pollMs);
  }
}
