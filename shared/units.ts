import { fault } from "./errors.ts";

/** A length of time as Vault and Kubernetes write it, in one unit: `"90s"`, `"10m"`, `"24h"`, `"7d"`. */
export type Duration = `${number}${"s" | "m" | "h" | "d"}`;

/** An amount of storage or memory with a binary unit: `"512Mi"`, `"10Gi"`. */
export type Size = `${number}${"Ki" | "Mi" | "Gi" | "Ti"}`;

const secondsPerUnit = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const bytesPerUnit = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** The longest duration that Vault and Kubernetes can hold, in nanoseconds of 63 bits. */
export const longestDuration: Duration = "106751d";

// Whole numbers only: "1.5h" is accepted by some of Vault's endpoints and refused by others.
const durationPattern = /^([1-9]\d{0,8})([smhd])$/;
const sizePattern = /^([1-9]\d{0,8})([KMGT]i)$/;

/**
 * Tells whether a text is a duration; use it on values that come from outside the program.
 * @returns True for a positive whole number followed by `s`, `m`, `h` or `d`.
 */
export function isDuration(text: string): text is Duration {
  return durationPattern.test(text);
}

/**
 * Tells whether a text is a size; use it on values that come from outside the program.
 * @returns True for a positive whole number followed by `Ki`, `Mi`, `Gi` or `Ti`.
 */
export function isSize(text: string): text is Size {
  return sizePattern.test(text);
}

/** The fault of a duration, if it has one: the type admits texts such as `"-1h"` that no server accepts. */
export function durationFaults(path: string, value: Duration): string[] {
  if (!isDuration(value)) {
    return [fault(path, "must be a positive whole number and a unit", value, "write it as 90s, 10m, 24h or 7d")];
  }
  if (toSeconds(value) <= toSeconds(longestDuration)) return [];
  return [fault(path, `must be at most ${longestDuration}`, value, "Vault and Kubernetes count no further; lower it")];
}

/**
 * Converts a duration for the APIs that take seconds.
 * @returns The same time in whole seconds.
 * @throws {RangeError} When the text is not a duration; check what comes from outside with {@link isDuration} first.
 */
export function toSeconds(duration: Duration): number {
  const [, count, unit] = durationPattern.exec(duration) ?? [];
  if (count === undefined || !isKeyOf(secondsPerUnit, unit)) throw new RangeError(`not a duration: ${duration}`);
  return Number(count) * secondsPerUnit[unit];
}

/**
 * Writes a duration as Go programs print it and so return it: any other spelling would show as a change in every
 * preview.
 * @returns Hours, minutes and seconds, starting with the largest one that is not zero, such as `1h0m0s`.
 * @throws {RangeError} As {@link toSeconds}.
 */
export function goDuration(duration: Duration): string {
  const seconds = toSeconds(duration);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/**
 * Converts a size for comparisons.
 * @throws {RangeError} When the text is not a size; check what comes from outside with {@link isSize} first.
 */
export function toBytes(size: Size): number {
  const [, count, unit] = sizePattern.exec(size) ?? [];
  if (count === undefined || !isKeyOf(bytesPerUnit, unit)) throw new RangeError(`not a size: ${size}`);
  return Number(count) * bytesPerUnit[unit];
}

function isKeyOf<T extends object>(table: T, key: string | undefined): key is keyof T & string {
  return key !== undefined && key in table;
}
