import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capabilitiesAt, gainedAccess, mergeRules } from "../../../../../components/access/matrix/path-pattern.ts";
import type { Capability, PolicyRule } from "../../../../../components/access/policy-document.ts";
import type { Duration } from "../../../../../shared/units.ts";

const rule = (path: string, ...capabilities: Capability[]): PolicyRule => ({ path, capabilities });

describe("what a token may do with a path", () => {
  // The examples of Vault's documentation on the priority of paths, and its table of comparisons.
  test.each([
    ["secret/foo", [rule("secret/*", "list"), rule("secret/foo", "read")], ["read"]],
    ["secret/foo/bar", [rule("secret/*", "list"), rule("secret/foo*", "read")], ["read"]],
    ["secret/a/b", [rule("secret/+/b", "read"), rule("secret/*", "list")], ["read"]],
    ["secret/a/b", [rule("secret/a/*", "list"), rule("secret/+/b", "read")], ["list"]],
    ["secret/a/b", [rule("secret/+/+", "list"), rule("secret/+/b", "read")], ["read"]],
    ["secret/a/b/c", [rule("secret/+/b/+", "list"), rule("secret/+/+/c", "read")], ["list"]],
    ["secret/super-secret", [rule("secret/*", "read"), rule("secret/super-secret", "deny")], []],
    ["secret/a/b", [rule("secret/+", "read")], []],
    ["secrets", [rule("secret*", "read")], ["read"]],
    ["other", [rule("secret/*", "read")], []],
  ])("is decided for %s by the rule with priority among %j", (path, rules, expected) => {
    expect(capabilitiesAt(rules, path)).toEqual(expected);
  });

  test("is what all policies allow together, unless one of them denies the very path", () => {
    expect(mergeRules([rule("a", "read"), rule("b", "list"), rule("a", "update"), rule("b", "deny")])).toEqual([
      rule("a", "read", "update"),
      rule("b", "deny"),
    ]);
  });
});

describe("how answers must be wrapped", () => {
  const wrapped = (max: Duration, min: Duration = "1s"): PolicyRule => ({
    ...rule("a", "update"),
    wrapping: { min, max },
  });

  test("is the shorter times of all policies together, as in Vault, whoever of them says nothing", () => {
    expect(mergeRules([wrapped("1h", "30s"), rule("a", "read"), wrapped("2m", "60s")])).toEqual([
      { path: "a", capabilities: ["read", "update"], wrapping: { min: "30s", max: "2m" } },
    ]);
  });

  test.each([
    ["a longer life", wrapped("2m", "30s")],
    ["a shorter one than the shortest", wrapped("60s", "1s")],
    ["none at all", rule("a", "update")],
  ])("is less with %s, also where a wildcard allows it", (_, after) => {
    const before = [wrapped("60s", "30s")];
    const told = { path: "a", capabilities: [], before: ["update"] };
    expect(gainedAccess(before, [after])).toMatchObject([told]);
    expect(gainedAccess(before, [{ ...after, path: "+" }, rule("b", "deny")])[0]).toMatchObject({ path: "+" });
    expect(gainedAccess([after], before)).toEqual([]);
  });

  test("belongs to what is told of a new path", () => {
    expect(gainedAccess([], [wrapped("60s")])).toEqual([
      {
        ...{ path: "a", capabilities: ["update"], before: [] },
        wrapping: { before: null, after: { min: "1s", max: "60s" } },
      },
    ]);
  });
});

// Few texts, so that rules meet often.
const segment = fc.constantFrom("a", "b", "ab", "+");
const lastSegment = fc.constantFrom("a", "b", "ab", "+", "*", "a*");
const path = fc
  .tuple(fc.array(segment, { maxLength: 3 }), lastSegment)
  .map(([front, last]) => [...front, last].join("/"));
const capabilities = fc.oneof(
  fc.subarray(["read", "update", "list"] as Capability[], { minLength: 1 }),
  fc.constant(["deny"] as Capability[]),
);
const rules = fc.array(fc.record({ path, capabilities }), { maxLength: 5 }).map(mergeRules);
const request = fc
  .array(fc.constantFrom("a", "b", "ab", "abc", "c", ""), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join("/"));
const many = { numRuns: 2_000 };

describe("what new rules allow beyond old ones", () => {
  test("is found for every path there is", () => {
    fc.assert(
      fc.property(rules, rules, request, (before, after, asked) => {
        const was = capabilitiesAt(before, asked);
        const gained = capabilitiesAt(after, asked).filter((one) => !was.includes(one));
        const told = gainedAccess(before, after);
        for (const capability of gained) expect(told.some((gain) => gain.capabilities.includes(capability))).toBe(true);
        if (told.length === 0) expect(gained).toEqual([]);
      }),
      many,
    );
  });

  test("is nothing where it is not so: what is told is gained on at least one path", () => {
    fc.assert(
      fc.property(rules, rules, (before, after) => {
        for (const gain of gainedAccess(before, after)) {
          const parts = gain.path.replace(/…/g, "zz").replace(/\*$/, "zz/zz/zz/zz/zz/zz").split("/");
          const asked = parts.map((part) => (part === "+" ? "zz" : part)).join("/");
          const was = capabilitiesAt(before, asked);
          const is = capabilitiesAt(after, asked);
          for (const capability of gain.capabilities) {
            expect(is).toContain(capability);
            expect(was).not.toContain(capability);
          }
        }
      }),
      many,
    );
  });

  test("is nothing against themselves, in whatever order", () => {
    fc.assert(
      fc.property(rules, (same) => gainedAccess(same, same.toReversed()).length === 0),
      many,
    );
  });

  test("is everything where there were none", () => {
    expect(gainedAccess([], [rule("a/*", "read"), rule("a/b", "update")])).toEqual([
      { path: "a/*", capabilities: ["read"], before: [] },
      { path: "a/b", capabilities: ["update"], before: [] },
    ]);
  });

  test("includes what a narrower rule no longer keeps back", () => {
    const wide = rule("a/*", "read", "update");
    expect(gainedAccess([wide, rule("a/b", "deny")], [wide])).toEqual([
      { path: "a/b", capabilities: ["read", "update"], before: [] },
    ]);
    expect(gainedAccess([wide], [wide, rule("a/b", "read")])).toEqual([]);
  });

  test("includes a path that is shorter than the old rule's", () => {
    expect(gainedAccess([rule("+/*", "read")], [rule("a*", "read")])).toEqual([
      { path: "a…", capabilities: ["read"], before: [] },
    ]);
  });

  test("is told where two rules meet, when it is there alone", () => {
    expect(gainedAccess([rule("+/b", "read")], [rule("+/b", "read"), rule("a/+", "update")])).toEqual([
      { path: "a/+", capabilities: ["update"], before: [] },
    ]);
    expect(
      gainedAccess([rule("a/*", "read"), rule("+/b", "update")], [rule("a/*", "read"), rule("a/b*", "update")]),
    ).toEqual([{ path: "a/b*", capabilities: ["update"], before: ["read"] }]);
  });
});
