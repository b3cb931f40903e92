import { expect, test } from "vitest";
import { partsOf } from "../extras.ts";

test("parts of an extra are only there for those who want it, the others always and in their order", () => {
  const things = [{ name: "a" }, { name: "b", extra: "gateway" as const }, { name: "c" }];
  const names = (wanted: "gateway"[]): string[] => partsOf(wanted, things).map(({ name }) => name);
  expect(names([])).toEqual(["a", "c"]);
  expect(names(["gateway"])).toEqual(["a", "b", "c"]);
});
