import { setTimeout as delay } from "node:timers/promises";

/** Tells why something is not so yet, or undefined when it is. */
export type Probe = () => Promise<string | undefined>;

/** How often a condition is asked for, in milliseconds. */
const pollInterval = 150;

/**
 * Polls until a probe finds nothing missing.
 * @param what What is awaited, for the error.
 * @param limit The longest wait, in milliseconds.
 * @throws Error with the last reason.
 */
export async function awaitCondition(what: string, probe: Probe, limit: number): Promise<void> {
  const end = performance.now() + limit;
  for (;;) {
    const reason = await probe();
    if (reason === undefined) return;
    if (performance.now() > end) throw new Error(`${what}: not ready within ${Math.round(limit / 1000)}s: ${reason}`);
    await delay(pollInterval);
  }
}
