import { unknownCheckingProxy } from "@pulumi/policy";
import { expect, test } from "vitest";
import { asFarAsKnown } from "../../../policy/as-far-as-known.ts";
import { shortLives } from "../../../policy/rules/access-rules.ts";
import { UNKNOWN } from "../../../components/vault/protocol/unknown.ts";

const role = { type: "vault:kubernetes/authBackendRole:AuthBackendRole", name: "web", isProtected: false };

test("a value that is not known yet is no fault and no advice", () => {
  const inputs = unknownCheckingProxy({ tokenTtl: UNKNOWN }) as Record<string, unknown>;
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
