import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parsePolicy,
  policyFaults,
  renderPolicy,
  type Capability,
} from "../../../../components/access/policy-document.ts";

describe("a policy", () => {
  test("renders as Vault's own documentation writes it", () => {
    expect(renderPolicy([{ path: "secret/data/webapp/config", capabilities: ["read"] }])).toBe(
      'path "secret/data/webapp/config" {\n  capabilities = ["read"]\n}\n',
    );
  });

  test("says how answers must be wrapped, and is read back as it was written", () => {
    const rules = [
      {
        path: "auth/agents/role/one/secret-id",
        capabilities: ["update" as const],
        wrapping: { min: "1s", max: "60s" } as const,
        because: "a person hands it out",
      },
      { path: "secret/data/app", capabilities: ["read" as const] },
    ];
    const text = renderPolicy(rules);
    expect(text.split("\n\n")[0]).toBe(
      [
        "# a person hands it out",
        'path "auth/agents/role/one/secret-id" {',
        '  capabilities = ["update"]',
        '  min_wrapping_ttl = "1s"',
        '  max_wrapping_ttl = "60s"',
        "}",
      ].join("\n"),
    );
    expect(parsePolicy(text)).toEqual(rules);
    expect(parsePolicy(text.replace("60s", "60"))).toBeNull();
  });

  test("is the same text whatever the order of rules and capabilities", () => {
    const rule = fc.record({
      path: fc.stringMatching(/^[a-z]{1,8}\/[a-z]{1,8}$/),
      capabilities: fc.subarray(["create", "read", "update", "delete", "list"] as Capability[], { minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(rule, { selector: ({ path }) => path, minLength: 1 }), (rules) => {
        const reversed = rules.toReversed().map(({ path, capabilities }) => ({
          path,
          capabilities: capabilities.toReversed(),
        }));
        return renderPolicy(rules) === renderPolicy(reversed);
      }),
    );
  });

  test.each(["secret/data/app", "sys/leases/revoke-prefix/+/creds/*", "identity/+/id", "kv/data/*"])(
    "accepts the path %s",
    (path) => {
      expect(policyFaults([{ path, capabilities: ["read"], because: "somebody must" }])).toEqual([]);
    },
  );

  test.each([
    ["", "rules[0].path: must be a path"],
    ["/secret/data/app", "rules[0].path: must not start with a slash"],
    ["v1/secret/data/app", "rules[0].path: must not carry the API's version"],
    ["secret/*/app", "rules[0].path: must have * at its end only"],
    ["secret/a+/app", "rules[0].path: must have + as a whole segment"],
    ["secret/${user}", "rules[0].path: must hold no space, quote, backslash or ${"],
    ['secret/"', "rules[0].path: must hold no space, quote, backslash or ${"],
  ])("rejects the path %j", (path, beginning) => {
    const faults = policyFaults([{ path, capabilities: ["read"], because: "somebody must" }]);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.startsWith(beginning)).toBe(true);
  });

  test("rejects a policy without rules", () => {
    expect(policyFaults([])).toEqual(["rules: must hold at least one rule, got []; name a path"]);
  });

  test("rejects a path that appears twice, because Vault would keep the last one alone", () => {
    const rule = { path: "a/b", capabilities: ["read"] } as const;
    expect(policyFaults([rule, rule])).toEqual([
      'rules[1].path: must appear once, because the last one would count alone, got "a/b"; put the capabilities into one rule',
    ]);
  });

  test("rejects a wildcard, sudo and deny without a reason, which their rule does not show", () => {
    expect(
      policyFaults([
        { path: "secret/+/*", capabilities: ["read"] },
        { path: "sys/raw", capabilities: ["read", "sudo"] },
        { path: "b", capabilities: ["deny"] },
        { path: "c", capabilities: ["read"] },
      ]),
    ).toEqual([
      "rules[0].because: must say why secret/+/* has a wildcard, got nothing; say in a few words why",
      "rules[1].because: must say why sys/raw has sudo, got nothing; say in a few words why",
      "rules[2].because: must say why b has deny, got nothing; say in a few words why",
    ]);
  });

  test("rejects a wrapping that no answer could have, and one that is no time", () => {
    const rule = { path: "a", capabilities: ["update"] } as const;
    const faults = policyFaults([
      { ...rule, wrapping: { min: "2m", max: "60s" } },
      { ...rule, path: "b", wrapping: { min: "0s", max: "60s" } },
    ]);
    expect(faults).toEqual([
      'rules[0].wrapping.max: must be at least the min of 2m, got "60s"; raise it or lower the min',
      'rules[1].wrapping.min: must be a positive whole number and a unit, got "0s"; write it as 90s, 10m, 24h or 7d',
    ]);
  });

  test("rejects deny beside another capability and a rule without any, both at once", () => {
    expect(
      policyFaults([
        { path: "a", capabilities: ["deny", "read"], because: "nobody may" },
        { path: "b", capabilities: [] },
      ]),
    ).toEqual([
      'rules[0].capabilities: must be deny alone or anything else, got ["deny","read"]; remove deny or the others',
      'rules[1].capabilities: must hold at least one, got []; use ["deny"] to forbid the path',
    ]);
  });
});
