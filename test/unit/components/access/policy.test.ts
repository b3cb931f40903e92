import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { Policy, policyNameFaults } from "../../../../components/access/policy.ts";
import { find, record } from "../../../../graph/recorder.ts";

const provider = () => new vault.Provider("vault", { address: "http://vault.test" });

describe("a policy", () => {
  test("writes its rules under the component's name, by the given provider", async () => {
    const recording = await record(() => {
      const path = pulumi.output("secret/data/app");
      new Policy("app", { rules: [{ path, capabilities: ["read"] }] }, { provider: provider() });
    });
    expect(find(recording, "vault:index/policy:Policy", "app")).toMatchObject({
      parent: "app",
      provider: "vault",
      inputs: { name: "app", policy: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n' },
    });
  });

  test("rejects a second component that writes the same policy", async () => {
    const rules = [{ path: "a", capabilities: ["read"] }] as const;
    const program = () => {
      const opts = { provider: provider() };
      new Policy("one", { policyName: "app", rules }, opts);
      new Policy("two", { policyName: "app", rules }, opts);
    };
    await expect(record(program)).rejects.toThrow(
      'policyName: must be the policy of one component only, got "app"; give one of the two another name',
    );
  });

  test("may have the name of a policy in another Vault", async () => {
    const rules = [{ path: "a", capabilities: ["read"] }] as const;
    const recording = await record(() => {
      new Policy("one", { policyName: "app", rules }, { provider: new vault.Provider("first", {}) });
      new Policy("two", { policyName: "app", rules }, { provider: new vault.Provider("second", {}) });
    });
    expect(find(recording, "vault:index/policy:Policy", "two").provider).toBe("second");
  });
});

describe("the name of a policy", () => {
  test.each(["webapp", "team-a.read", "a"])("may be %s", (name) => {
    expect(policyNameFaults(name)).toEqual([]);
  });

  test.each(["", "Web", "a/b", "-a", "a ", "root", "default"])("may not be %j", (name) => {
    expect(policyNameFaults(name)).toHaveLength(1);
  });
});
