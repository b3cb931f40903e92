import { setTimeout as delay } from "node:timers/promises";
import { isTransient } from "../api/api-error.ts";

/** How something is awaited. */
export interface PollOptions {
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
  /** Whether a server that cannot be reached for a moment, or is overloaded, is asked again. @default true */
  readonly patient?: boolean;
}

/** Why polling ended without an answer. */
export type PollEnd = "timed out" | "cancelled";

/**
 * Asks again and again, first often and then twice a second, until there is an answer.
 */
export async function poll<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer | undefined>,
  { timeoutMilliseconds, signal, patient = true }: PollOptions,
): Promise<Answer | PollEnd> {
  const deadline = performance.now() + timeoutMilliseconds;
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    if (signal.aborted) return "cancelled";
    try {
      const answer = await ask(signal);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (hasEnded(signal)) return "cancelled";
      if (!patient || !isTransient(error) || performance.now() >= deadline) throw error;
    }
    const left = deadline - performance.now();
    if (left <= 0) return "timed out";
    // Rejects when the signal is aborted, which the next round sees.
    await delay(Math.min(pause, left), undefined, { signal }).catch(() => undefined);
  }
}

const firstPause = 100;
const longestPause = 500;

/** Read through a function, because the signal changes while something is awaited. */
function hasEnded(signal: AbortSignal): boolean {
  return signal.aborted;
}
