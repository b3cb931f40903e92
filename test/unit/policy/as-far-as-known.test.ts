import * as policy from "@pulumi/policy";
import { expect, test } from "vitest";
import { asFarAsKnown } from "../../../policy/as-far-as-known.ts";
import { shortLives } from "../../../policy/rules/access-rules.ts";
import { unknownValue } from "../../../protocol/frame/unknown.ts";

// What the engine's values are wrapped in. The package exports it, but not its type.
const { unknownCheckingProxy } = policy as unknown as {
  readonly unknownCheckingProxy: (values: object) => Record<string, unknown>;
};

const role = { type: "vault:kubernetes/authBackendRole:AuthBackendRole", name: "web", isProtected: false };

test("a value that is not known yet is no fault and no advice", () => {
  const inputs = unknownCheckingProxy({ tokenTtl: unknownValue });
  expect(() => shortLives.judge({ ...role, inputs })).toThrow("can't be known during preview");
  expect(asFarAsKnown(() => shortLives.judge({ ...role, inputs }))).toEqual([]);
});

test("what is known is judged", () => {
  expect(asFarAsKnown(() => shortLives.judge({ ...role, inputs: { tokenTtl: 1e9 } }))).toHaveLength(1);
});

test("a rule that fails for another reason fails", () => {
  const broken = (): never => {
    throw new Error("broken");
  };
  expect(() => asFarAsKnown(broken)).toThrow("broken");
});
