import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  durationFaults,
  isDuration,
  isSize,
  toBytes,
  toSeconds,
  type Duration,
  type Size,
} from "../../../shared/units.ts";

describe("durations", () => {
  test.each([
    ["600s", 600],
    ["10m", 600],
    ["24h", 86_400],
    ["30d", 2_592_000],
  ] as const)("%s is %i seconds", (duration, seconds) => {
    expect(toSeconds(duration)).toBe(seconds);
  });

  test.each(["", "10", "h", "0h", "-1h", "1.5h", "1e3s", "10 m", "1h30m", "10M", "1w"])("rejects %j", (text) => {
    expect(isDuration(text)).toBe(false);
    expect(() => toSeconds(text as Duration)).toThrow(RangeError);
    expect(durationFaults("ttl", text as Duration)).toEqual([
      `ttl: must be a positive whole number and a unit, got ${JSON.stringify(text)}; write it as 90s, 10m, 24h or 7d`,
    ]);
  });

  test("any accepted duration converts to a positive whole number of seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), fc.constantFrom("s", "m", "h", "d"), (count, unit) => {
        const seconds = toSeconds(`${count}${unit}`);
        return Number.isSafeInteger(seconds) && seconds >= count;
      }),
    );
  });
});

describe("sizes", () => {
  test.each([
    ["1Ki", 1024],
    ["512Mi", 536_870_912],
    ["10Gi", 10_737_418_240],
    ["1Ti", 1_099_511_627_776],
  ] as const)("%s is %i bytes", (size, bytes) => {
    expect(toBytes(size)).toBe(bytes);
  });

  test.each(["", "10", "Gi", "0Gi", "-1Gi", "1.5Gi", "10G", "10gi", "10 Gi", "10GiB"])("rejects %j", (text) => {
    expect(isSize(text)).toBe(false);
    expect(() => toBytes(text as Size)).toThrow(RangeError);
  });
});
