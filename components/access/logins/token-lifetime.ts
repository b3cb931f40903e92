import { fault } from "../../../shared/errors.ts";
import { ceilingFaults, systemCeiling } from "../../../shared/lease-ceiling.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";

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
      /** Renewable forever, but gone when it is not renewed within one period. */
      readonly kind: "periodic";
      readonly period: Duration;
    };

/** A lifetime in the fields that every login method of Vault has, in seconds. */
export interface TokenLifetimeSeconds {
  readonly tokenTtl?: number;
  readonly tokenMaxTtl?: number;
  readonly tokenPeriod?: number;
}

/**
 * Every fault of a lifetime.
 * @param maxLeaseTtl Limit of the login method's mount. @default - Vault's own
 */
export function lifetimeFaults(at: string, lifetime: TokenLifetime, maxLeaseTtl?: Duration): string[] {
  const { kind, ...durations } = lifetime;
  const given = Object.entries<Duration | undefined>(durations).flatMap(([name, value]) =>
    value === undefined ? [] : [{ path: `${at}.${name}`, value }],
  );
  const faults = [
    ...given.flatMap(({ path, value }) => durationFaults(path, value)),
    ...given.flatMap(({ path, value }) => ceilingFaults(path, value, maxLeaseTtl)),
  ];
  if (kind === "periodic" || faults.length > 0) return faults;
  const { ttl, maxTtl } = lifetime;
  if (maxTtl !== undefined && toSeconds(maxTtl) < toSeconds(ttl)) {
    faults.push(fault(`${at}.maxTtl`, `must be at least the ttl of ${ttl}`, maxTtl, "raise it or lower the ttl"));
  }
  return faults;
}

/**
 * When a token ends if it is renewed for as long as Vault allows.
 * @param lifetime The lifetime; check it with {@link lifetimeFaults}.
 * @param maxLeaseTtl Limit of the login method's mount. @default - Vault's own
 * @returns The end, counted from the login; null for a token that need not end.
 */
export function lastRenewal(lifetime: TokenLifetime, maxLeaseTtl?: Duration): Duration | null {
  return lifetime.kind === "periodic" ? null : (lifetime.maxTtl ?? maxLeaseTtl ?? systemCeiling);
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
