import { expect, test } from "vitest";
import { ceilingFaults } from "../../../shared/lease-ceiling.ts";

test.each([
  ["768h", undefined],
  ["24h", "1d"],
  ["365d", "365d"],
  // What is no duration has a fault of its own.
  ["-1h", "1h"],
] as const)("a lifetime of %s may be given with a limit of %s", (value, limit) => {
  expect(ceilingFaults("ttl", value, limit)).toEqual([]);
});

test("a lifetime that Vault would cut is rejected with both ends named", () => {
  expect(ceilingFaults("roles.app.maxTtl", "25h", "24h")).toEqual([
    'roles.app.maxTtl: must be at most the mount\'s maxLeaseTtl of 24h, got "25h"; lower it, or give the mount a higher maxLeaseTtl',
  ]);
  expect(ceilingFaults("ttl", "33d", undefined)).toEqual([
    'ttl: must be at most Vault\'s own limit of 768h, got "33d"; lower it, or give the mount a higher maxLeaseTtl',
  ]);
});
