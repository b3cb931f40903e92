import { isTransient } from "../../kube/kube-error.ts";
import type { ProtocolContext } from "./protocol-context.ts";
import { notReady, type Place } from "../stops/runbooks.ts";

/** What a look found: the awaited, or why it is not there yet. */
export type Look<T> = { readonly found: T } | { readonly missing: readonly string[] };

/**
 * Looks again and again until the awaited is found. An API server that falls silent in between is waited for as well;
 * one that does not even answer the first look is a failure at once.
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
  const deadline = clock.now() + milliseconds;
  let result = await look();
  for (;;) {
    if ("found" in result) {
      return result.found;
    }
    if (clock.now() > deadline) {
      throw notReady(place, result.missing, milliseconds / 1000);
    }
    await clock.sleep(timings.poll);
    result = await look().catch((error: unknown) => {
      if (isTransient(error)) {
        return { missing: [error instanceof Error ? error.message : "the API server does not answer"] };
      }
      throw error;
    });
  }
}
