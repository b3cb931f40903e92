import { describe, expect, test } from "vitest";
import { readSource } from "../../../../scripts/docs/source-docs.ts";

const source = `
import * as pulumi from "@pulumi/pulumi";
/** What a thing needs. */
export interface ThingArgs<T extends string> {
  /** Its colour. @default "red" */
  readonly colour?: Colour;
  /** Its size, see {@link toBytes}. @default - whatever fits */
  readonly size?: number;
}
/** A colour. */
export type Colour = "red" | "blue";
interface Hidden {}
/**
 * A thing.
 *
 * And more about it.
 * @example new Thing("thing", {});
 */
export class Thing<T extends string = string> extends pulumi.ComponentResource {
  /** Where it is. */
  public readonly place: pulumi.Output<string>;
  readonly #secret = 1;
  public constructor(name: string, args: ThingArgs<T>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:things:Thing", name, {}, opts);
  }
}
export class Init extends ProtocolResource<A, B> {
  public constructor(name: string, args: InitArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, { type: "vault:Init", inputs: { ...args } }, opts);
  }
}
export class Plain {}
`;

describe("a source file", () => {
  const { components, types } = readSource("thing.ts", source);

  test("offers its exported components with their tokens", () => {
    expect(components.map(({ name, token, args }) => ({ name, token, args }))).toEqual([
      { name: "Thing", token: "vaultstack:things:Thing", args: "ThingArgs" },
      { name: "Init", token: "pulumi-nodejs:dynamic/vault:Init", args: "InitArgs" },
    ]);
  });

  test("describes a component in its own words", () => {
    expect(components[0]).toMatchObject({
      text: "A thing.\n\nAnd more about it.",
      example: 'new Thing("thing", {});',
      outputs: [{ name: "place", type: "pulumi.Output<string>", text: "Where it is." }],
    });
  });

  test("offers its exported types only", () => {
    expect(types.map(({ name }) => name)).toEqual(["ThingArgs", "Colour"]);
  });

  test("tells the default of a field, as a value or in words", () => {
    expect(types[0]?.fields).toEqual([
      { name: "colour", type: "Colour", optional: true, fallback: '"red"', text: "Its colour." },
      { name: "size", type: "number", optional: true, fallback: "whatever fits", text: "Its size, see `toBytes`." },
    ]);
  });

  test("shows the source of a type that is no interface", () => {
    expect(types[1]).toMatchObject({ fields: null, source: 'type Colour = "red" | "blue";' });
  });
});
