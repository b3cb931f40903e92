import { notReady, type Place } from "../stops/runbooks.ts";
import { type Look, lookUntilFound } from "./look-until-found.ts";
import type { ProtocolContext } from "./protocol-context.ts";

/**
 * Looks again and again until what is awaited is found. An API server that falls silent in between is waited for as
 * well; one that does not even answer the first look is a failure at once.
 *
 * @param milliseconds how long to wait at most.
 * @throws ProtocolStop with the last reasons when time is up.
 */
export async function awaitCondition<T>(
  { clock, timings }: Pick<ProtocolContext, "clock" | "timings">,
  place: Place,
  milliseconds: number,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const first = await look();
  if ("found" in first) return first.found;
  await clock.sleep(timings.poll);
  const explain = (missing: readonly string[]): Error => notReady(place, missing, milliseconds / 1000);
  return lookUntilFound(clock, { milliseconds, pollMs: timings.poll, look, explain });
}
