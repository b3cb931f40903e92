import { expect, test } from "vitest";
import { compareVersions } from "../../toolchain/go-faults.ts";

test.each([
  ["1.26.8", "1.25.6", 1],
  ["1.25.6", "1.25.6", 0],
  ["1.25", "1.25.6", -1],
  ["1.9.7", "1.25.6", -1],
  ["1.26rc1", "1.25.6", 1],
])("Go %s compared with %s", (left, right, sign) => {
  expect(Math.sign(compareVersions(left, right))).toBe(sign);
});
