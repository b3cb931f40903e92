import { describe, expect, test } from "vitest";
import { neededExtras, partsOf } from "../../../sandbox/extras.ts";

describe("a stack needs the gateway", () => {
  test("when its settings pass TLS through one", () => {
    const passthrough = { kind: "gateway", host: "vault.example.com", className: "eg" };
    expect(neededExtras({ "vaultstack:passthrough": passthrough })).toEqual(["gateway"]);
  });

  test.each([{}, { "vaultstack:passthrough": { kind: "none" } }, { "vaultstack:passthrough": "gateway" }])(
    "but not with %j",
    (config) => {
      expect(neededExtras(config)).toEqual([]);
    },
  );
});

test("parts of an extra are only there for those who want it, the others always and in their order", () => {
  const things = [{ name: "a" }, { name: "b", extra: "gateway" as const }, { name: "c" }];
  const names = (wanted: "gateway"[]): string[] => partsOf(wanted, things).map(({ name }) => name);
  expect(names([])).toEqual(["a", "c"]);
  expect(names(["gateway"])).toEqual(["a", "b", "c"]);
});
