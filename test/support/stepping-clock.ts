import type { Clock } from "../../protocol/frame/clock.ts";

/** A clock that only moves when somebody sleeps, and then at once; it begins at zero. */
export function steppingClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
    timeout: () => new AbortController().signal,
  };
}
