/** Time as the protocols see it; a test lends one that runs faster. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
  /** Aborts after so many milliseconds without keeping the process alive. */
  timeout(milliseconds: number): AbortSignal;
}

/** The clock on the wall. */
export const wallClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
};
