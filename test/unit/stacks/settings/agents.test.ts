import { describe, expect, test, vi } from "vitest";
import { stackConfig } from "../../../../stacks/config.ts";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";
import { graphOfDev } from "../../../support/graph-of-dev.ts";

// The graph is recorded in a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

const issuer = { namespace: "platform", serviceAccount: "starter" };

function rulesOf(agents: unknown): string[] {
  const { faults } = parseSettings(exampleSettings({ agents: JSON.stringify(agents) }));
  return faults.map((text) => text.split(", got")[0] ?? "");
}

describe("the setting of agents", () => {
  test("parses, with one login by a secret id of ten minutes unless more is given", () => {
    const { settings, faults } = parseSettings(exampleSettings({ agents: JSON.stringify({ one: { issuer } }) }));
    expect(faults).toEqual([]);
    if (settings === null) throw new Error("unreachable");
    expect(stackConfig(settings, "a-context", "vaultstack/dev").logins.agents).toEqual({
      one: {
        issuer,
        secrets: [],
        database: "none",
        secretId: { uses: 1, ttl: "10m", wrapTtl: "60s", boundCidrs: [] },
        lifetime: { kind: "ttl", ttl: "10m", maxTtl: "1h" },
        tokenBoundCidrs: [],
      },
    });
  });

  test.each<[string, unknown, string[]]>([
    ["a list", [], ["vaultstack:agents: must be agents by name"]],
    ["no agent", { one: true }, ["vaultstack:agents.one: must be an agent"]],
    [
      "nobody who hands out secret ids",
      { one: {} },
      ["vaultstack:agents.one.issuer: must be {namespace, serviceAccount}"],
    ],
    [
      "accounts with wildcards",
      { one: { issuer: { namespace: "*", serviceAccount: "" } } },
      [
        "vaultstack:agents.one.issuer.namespace: must be the name of a namespace",
        "vaultstack:agents.one.issuer.serviceAccount: must be the name of a service account",
      ],
    ],
    [
      "a secret id that is good for ever",
      { one: { issuer, secretId: { uses: 0, ttl: "0s" } } },
      [
        "vaultstack:agents.one.secretId.uses: must be a whole number from 1 on",
        "vaultstack:agents.one.secretId.ttl: must be a positive whole number and a unit",
      ],
    ],
    [
      "terms that do not fit together, all at once",
      {
        one: {
          issuer,
          secretId: { ttl: "30s", boundCidrs: ["anywhere"] },
          token: { ttl: "2h", boundCidrs: ["0.0.0.0/0"] },
        },
      },
      [
        "vaultstack:agents.one.secretId.wrapTtl: must be at most the secret id's ttl of 30s",
        "vaultstack:agents.one.secretId.boundCidrs[0]: must be a network",
        "vaultstack:agents.one.token.maxTtl: must be at least the ttl of 2h",
        "vaultstack:agents.one.token.boundCidrs[0]: must leave somebody out",
      ],
    ],
    [
      "parts that do not exist, such as a secret id in plain view",
      { one: { issuer, secretId: { value: "s" } } },
      ["vaultstack:agents.one.secretId: must hold no other parts"],
    ],
    [
      "secrets by their paths",
      { one: { issuer, secrets: ["data/a"] } },
      ["vaultstack:agents.one.secrets.0: must be names of secrets below the mount"],
    ],
    [
      "a role that the database does not have",
      { one: { issuer, database: "root" } },
      ["vaultstack:agents.one.database: must be a role of the database, or none"],
    ],
  ])("rejects %s", (_what, agents, rules) => {
    expect(rulesOf(agents)).toEqual(rules);
  });
});

describe.each(["dev", "ha"])("the stack %s", (stack) => {
  test("gives each agent a policy of its own, and its issuer nothing but wrapped secret ids", async () => {
    const agents = JSON.stringify({
      one: { issuer, secrets: ["webapp/config"], database: "myapp-db-role" },
      two: { issuer },
    });
    const { resources, outputs } = await graphOfDev({ stack, settings: { agents } });
    const inputsOf = (type: string, name: string) =>
      resources.find((resource) => resource.type === type && resource.name === name)?.inputs;
    const policy = (name: string) => String(inputsOf("vault:index/policy:Policy", name)?.["policy"]);
    const pathsOf = (name: string) => Array.from(policy(name).matchAll(/path "(.*)"/g), ([, path]) => path);
    expect(pathsOf("agent-one")).toEqual([
      "demo-db/creds/myapp-db-role",
      "secret/data/agents/one/*",
      "secret/data/webapp/config",
      "secret/metadata/agents/one/*",
    ]);
    expect(pathsOf("agent-two")).toEqual(["secret/data/agents/two/*", "secret/metadata/agents/two/*"]);
    expect(pathsOf("secret-id-issuer-two")).toEqual(["auth/agents/role/two/secret-id"]);
    expect(policy("secret-id-issuer-two")).toContain('max_wrapping_ttl = "60s"');
    expect(inputsOf("vault:appRole/authBackendRole:AuthBackendRole", "agents-one")).toMatchObject({
      backend: "agents",
      tokenPolicies: ["agent-one"],
      secretIdNumUses: 1,
    });
    const role = inputsOf("vault:kubernetes/authBackendRole:AuthBackendRole", "workloads-secret-id-issuer-one");
    expect(role).toMatchObject({
      boundServiceAccountNames: ["starter"],
      boundServiceAccountNamespaces: ["platform"],
      tokenPolicies: ["secret-id-issuer-one"],
    });
    expect(outputs).toMatchObject({
      agentAuthPath: "agents",
      agentRoles: ["one", "two"],
      agentRoleIds: ["agents-one-role-id", "agents-two-role-id"],
    });
    const rows = outputs["accessMatrix"] as string[];
    expect(rows).toContain(
      "serviceaccount platform/starter: update auth/agents/role/one/secret-id wrapped for at most 1m " +
        "(auth/workloads role secret-id-issuer-one, policy secret-id-issuer-one, 5m to 5m)",
    );
    expect(rows.filter((row) => row.startsWith("approle two:"))).toHaveLength(2);
  });

  test("has no login method for agents without any", async () => {
    const { resources, outputs } = await graphOfDev({ stack });
    expect(resources.filter(({ type }) => type.startsWith("vault:appRole/"))).toEqual([]);
    expect(outputs).toMatchObject({ agentAuthPath: "", agentRoles: [], agentRoleIds: [] });
  });
});
