import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, test } from "vitest";
import { Secret, unknown, withSecretsOf, type Property } from "../../../plugins/shared/property.ts";
import { decodeProperties, encodeProperties } from "../../../plugins/shared/property-codec.ts";

// Proves the wire form against itself and against literal messages of the engine's format.

const { property } = fc.letrec<{ property: Property }>((tie) => ({
  property: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.string(),
    fc.constant(unknown),
    fc.array(tie("property"), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), tie("property"), { maxKeys: 4 }),
    tie("property").map((value) => new Secret(value)),
  ),
}));

describe("the codec", () => {
  test("returns what it was given, marks and all", () => {
    fc.assert(
      fc.property(property, (value) => {
        expect(decodeProperties(encodeProperties({ value }))).toEqual({ value });
      }),
    );
  });

  test("reads output values of the engine: unknown without a value, secret when they say so", () => {
    const signature = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
    const message = struct.Struct.fromJavaScript({
      unknown: { ...signature, dependencies: [] },
      known: { ...signature, value: "a" },
      secret: { ...signature, value: "b", secret: true },
    });
    expect(decodeProperties(message)).toEqual({ unknown, known: "a", secret: new Secret("b") });
  });

  test.each([
    ["an asset", "c44067f5952c0a294b673a41bacd8c17"],
    ["an archive", "0def7320c3a5731c473e5ecbe6d01bc7"],
    ["a resource reference", "5cf8f73096256a8f31e491e813e4eb8e"],
  ])("rejects %s", (what, signature) => {
    const message = struct.Struct.fromJavaScript({ a: { "4dabf18193072939515e22adb298388d": signature } });
    expect(() => decodeProperties(message)).toThrow(`properties: must be plain values, got ${what}`);
  });
});

describe("secret marks", () => {
  test("return to the members they were on, and to whole lists", () => {
    const marked = { object: { a: new Secret("s"), b: "t" }, list: ["x", new Secret("y")], gone: new Secret("z") };
    expect(withSecretsOf({ object: { a: "s2", b: "t2" }, list: ["y", "x"], other: 1 }, marked)).toEqual({
      object: { a: new Secret("s2"), b: "t2" },
      list: new Secret(["y", "x"]),
      other: 1,
    });
  });
});
