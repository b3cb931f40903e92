import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { driftedInputs } from "../../../../../../sandbox/plugins/kubernetes/object/drift.ts";
import type { JsonObject } from "../../../../../../sandbox/plugins/shared/property.ts";

const json = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 3 })) as fc.Arbitrary<JsonObject>;

describe("driftedInputs", () => {
  it("leaves inputs as written while the object stays as it settled, whatever both are", () => {
    fc.assert(
      fc.property(json, json, (inputs, settled) => {
        expect(driftedInputs(inputs, settled, structuredClone(settled))).toEqual(inputs);
      }),
    );
  });

  it("never adds a field the program did not declare", () => {
    fc.assert(
      fc.property(json, json, json, (inputs, settled, live) => {
        expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(driftedInputs(inputs, settled, live))));
      }),
    );
  });

  it.each<[string, JsonObject, JsonObject, JsonObject, JsonObject]>([
    ["a spelling of the server", { m: "1024Mi" }, { m: "1Gi" }, { m: "1Gi" }, { m: "1024Mi" }],
    ["a spelling of the server that then changed", { m: "1024Mi" }, { m: "1Gi" }, { m: "2Gi" }, { m: "2Gi" }],
    [
      "an empty value the server never stored",
      { s: { a: {}, b: 1 } },
      { s: { b: 1 } },
      { s: { b: 1, c: 2 } },
      { s: { a: {}, b: 1 } },
    ],
    [
      "a value that was taken away",
      { l: { a: "1", b: "2" } },
      { l: { a: "1", b: "2" } },
      { l: { a: "1" } },
      { l: { a: "1" } },
    ],
    [
      "a value of somebody else beside ours",
      { l: { a: "1" } },
      { l: { a: "1" } },
      { l: { a: "1", b: "2" } },
      { l: { a: "1" } },
    ],
    ["a list that got longer", { l: [1] }, { l: [1] }, { l: [1, 2] }, { l: [1, 2] }],
    [
      "a change inside an element",
      { l: [{ port: 1 }] },
      { l: [{ port: 1, nodePort: 9 }] },
      { l: [{ port: 2, nodePort: 9 }] },
      { l: [{ port: 2 }] },
    ],
    [
      "a named member that somebody put beside ours",
      { c: [{ name: "a", image: "x" }] },
      { c: [{ name: "a", image: "x" }] },
      { c: [{ name: "side" }, { name: "a", image: "y" }] },
      { c: [{ name: "a", image: "y" }] },
    ],
    [
      "a named member that is gone",
      { c: [{ name: "a" }, { name: "b" }] },
      { c: [{ name: "a" }, { name: "b" }] },
      { c: [{ name: "b" }] },
      { c: [{ name: "b" }] },
    ],
  ])("handles %s", (_case, inputs, settled, live, expected) => {
    expect(driftedInputs(inputs, settled, live)).toEqual(expected);
  });
});
