import { fault } from "./errors.ts";
import { durationFaults, toSeconds, type Duration } from "./units.ts";

/** Vault's own limit for whatever it issues, where a mount has none of its own: 32 days. */
export const systemCeiling: Duration = "768h";

/**
 * The fault of a lifetime that Vault would shorten without a word.
 * @param value The lifetime; one that is not a duration is judged elsewhere.
 * @param maxLeaseTtl Limit of the mount. @default - Vault's own
 */
export function ceilingFaults(at: string, value: Duration, maxLeaseTtl: Duration | undefined): string[] {
  const ceiling = maxLeaseTtl ?? systemCeiling;
  if (durationFaults(at, value).length > 0 || durationFaults("maxLeaseTtl", ceiling).length > 0) return [];
  if (toSeconds(value) <= toSeconds(ceiling)) return [];
  const whose = maxLeaseTtl === undefined ? "Vault's own limit of" : "the mount's maxLeaseTtl of";
  return [fault(at, `must be at most ${whose} ${ceiling}`, value, "lower it, or give the mount a higher maxLeaseTtl")];
}
