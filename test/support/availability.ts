/** Something that is tried over and over. */
export interface Trying {
  /**
   * Ends it and says how often it worked, the longest time in which it did not, in milliseconds, and what went wrong.
   */
  stop(): Promise<{ readonly successes: number; readonly outage: number; readonly failures: readonly string[] }>;
}

/** Tries something over and over, as a client would that wants it all the time. */
export function startTrying(attempt: () => Promise<unknown>): Trying {
  const failures: string[] = [];
  let successes = 0;
  let last = Date.now();
  let outage = 0;
  const stopped = new AbortController();
  const done = (async () => {
    while (!stopped.signal.aborted) {
      try {
        await attempt();
        outage = Math.max(outage, Date.now() - last);
        last = Date.now();
        successes++;
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await done;
      return { successes, outage: Math.max(outage, Date.now() - last), failures };
    },
  };
}
