import { expect, test } from "vitest";
import type { Definition } from "../../../scripts/crd-types/definitions.ts";
import { isSealed, renderSpecs, sealed } from "../../../scripts/crd-types/render-specs.ts";

// That the generated file fits the definitions of the pinned operator is a step of `npm run check`.
const box: Definition = {
  kind: "Box",
  apiVersion: "shelf.test/v1",
  spec: {
    type: "object",
    required: ["label", "size"],
    properties: {
      label: { type: "string", pattern: "^[a-z]+$" },
      size: { type: "integer", default: 3, minimum: 1, maximum: 9 },
      lid: { type: "object", properties: { color: { type: "string", enum: ["red", "blue"] } } },
      "x-tags": { type: "array", items: { type: "string" } },
      notes: { type: "object", additionalProperties: { type: "string" } },
    },
  },
};
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

test("a kind's fields are typed with what the API server checks of them", () => {
  expect(flat(renderSpecs([box]))).toContain(
    flat(`export interface BoxSpec {
      /** Matches \`^[a-z]+$\`. */
      readonly label: pulumi.Input<string>;
      /** At least 1. At most 9. @default 3 */
      readonly size?: pulumi.Input<number>;
      readonly lid?: {
        readonly color?: pulumi.Input<"red" | "blue">;
      };
      readonly "x-tags"?: pulumi.Input<readonly pulumi.Input<string>[]>;
      readonly notes?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
    }`),
  );
});

test("definitions of several versions are rejected: one constant names the version of all kinds", () => {
  expect(() => renderSpecs([box, { ...box, apiVersion: "shelf.test/v2" }])).toThrow("must be of one version");
});

test("an edit by hand breaks the seal of a generated file", () => {
  const text = sealed("export const a = 1;\n");
  expect(isSealed(text)).toBe(true);
  expect(isSealed(text.replace("a = 1", "a = 2"))).toBe(false);
  expect(isSealed("")).toBe(false);
});
