import { fault } from "../shared/errors.ts";
import { durationFaults, toSeconds, type Duration } from "../shared/units.ts";

/** How long the token of a login lives. */
export type TokenLifetime =
  | {
      /** Ends; renewable up to `maxTtl`. */
      readonly kind: "ttl";
      readonly ttl: Duration;
      /** @default - the mount's limit */
      readonly maxTtl?: Duration;
    }
  | {
      /** Renewable for ever, but gone when it is not renewed for one period. */
      readonly kind: "periodic";
      readonly period: Duration;
    };

/** A lifetime as every login method of Vault takes it, in seconds. */
export interface TokenLifetimeSeconds {
  readonly tokenTtl?: number;
  readonly tokenMaxTtl?: number;
  readonly tokenPeriod?: number;
}

/**
 * Every fault of a lifetime.
 * @param at Where the lifetime stands.
 * @param lifetime The lifetime to judge.
 * @returns The faults in the caller's words; empty when there are none.
 */
export function lifetimeFaults(at: string, lifetime: TokenLifetime): string[] {
  if (lifetime.kind === "periodic") return durationFaults(`${at}.period`, lifetime.period);
  const { ttl, maxTtl } = lifetime;
  if (maxTtl === undefined) return durationFaults(`${at}.ttl`, ttl);
  const faults = [...durationFaults(`${at}.ttl`, ttl), ...durationFaults(`${at}.maxTtl`, maxTtl)];
  if (faults.length === 0 && toSeconds(maxTtl) < toSeconds(ttl)) {
    faults.push(fault(`${at}.maxTtl`, `must be at least the ttl of ${ttl}`, maxTtl, "raise it or lower the ttl"));
  }
  return faults;
}

/**
 * Writes a lifetime for Vault.
 * @param lifetime The lifetime; check it with {@link lifetimeFaults}.
 * @returns The fields of a role or a login method.
 */
export function lifetimeSeconds(lifetime: TokenLifetime): TokenLifetimeSeconds {
  switch (lifetime.kind) {
    case "ttl":
      return {
        tokenTtl: toSeconds(lifetime.ttl),
        ...(lifetime.maxTtl !== undefined && { tokenMaxTtl: toSeconds(lifetime.maxTtl) }),
      };
    case "periodic":
      return { tokenPeriod: toSeconds(lifetime.period) };
  }
}
