import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { stackConfig } from "../../../../stacks/config.ts";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";
import { graphOfDev } from "../../../support/graph-of-dev.ts";

// The graph is recorded in a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

const directory = {
  kind: "directory",
  servers: ["ldap.example.com"],
  transport: { kind: "ldaps", trust: { kind: "system" } },
  userSearch: { kind: "bound", bindDn: "cn=vault,dc=example", baseDn: "ou=users,dc=example" },
  groupSearch: { kind: "search", baseDn: "ou=groups,dc=example" },
  groups: { developers: "reader", admins: "writer" },
};

function rulesOf(ldap: unknown, password = "hunter2"): string[] {
  const raw = exampleSettings({ ldap: JSON.stringify(ldap), ldapBindPassword: password });
  const withSecret = { ...raw, secretNames: new Set([...raw.secretNames, "vaultstack:ldapBindPassword"]) };
  return parseSettings(withSecret).faults.map((text) => text.split(", got")[0] ?? "");
}

describe("the setting of a directory", () => {
  test("parses, with a lifetime of a working day unless one is given", async () => {
    const raw = exampleSettings({ ldap: JSON.stringify(directory), ldapBindPassword: "hunter2" });
    const secretNames = new Set([...raw.secretNames, "vaultstack:ldapBindPassword"]);
    const { settings, faults } = parseSettings({ ...raw, secretNames });
    expect(faults).toEqual([]);
    if (settings === null) throw new Error("unreachable");
    const { ldap } = stackConfig(settings, "a-context", "vaultstack/dev").logins;
    expect(ldap).toMatchObject({ lifetime: { kind: "ttl", ttl: "1h", maxTtl: "8h" }, users: {} });
    const search = ldap?.directory.userSearch;
    if (search?.kind !== "bound") throw new Error("the search must be bound");
    expect(await pulumi.isSecret(search.bindPassword)).toBe(true);
  });

  test.each<[string, unknown, string[]]>([
    ["another kind", { kind: "ldap" }, ['vaultstack:ldap.kind: must be {kind: "none"} or {kind: "directory"}']],
    [
      "several faults at once",
      {
        ...directory,
        servers: ["ldaps://ldap.example.com"],
        groupSearch: { kind: "search", baseDn: "groups" },
        lifetime: { kind: "ttl", ttl: "2h", maxTtl: "1h" },
        groups: { "a,b": "reader" },
      },
      [
        "vaultstack:ldap.servers[0]: must be a host with at most a port",
        "vaultstack:ldap.groupSearch.baseDn: must be a distinguished name",
        "vaultstack:ldap.lifetime.maxTtl: must be at least the ttl of 2h",
        "vaultstack:ldap.groups.a,b: must be a name without slash, comma, quote, backslash, plus and star",
      ],
    ],
    [
      "rights that do not exist",
      { ...directory, groups: { admins: "root" } },
      ["vaultstack:ldap.groups.admins: must be reader or writer"],
    ],
    [
      "parts that do not exist, such as a password in plain view",
      { ...directory, userSearch: { ...directory.userSearch, bindPassword: "hunter2" } },
      ["vaultstack:ldap.userSearch: must hold no other parts"],
    ],
    [
      "a missing part",
      { ...directory, groupSearch: { kind: "search" } },
      ["vaultstack:ldap.groupSearch.baseDn: must be a text"],
    ],
    [
      "trust of another kind",
      { ...directory, transport: { kind: "ldaps", trust: "system" } },
      ['vaultstack:ldap.transport.trust: must be {kind: "system"} or {kind: "authority"} or {kind: "unverified"}'],
    ],
  ])("rejects %s", (_what, ldap, rules) => {
    expect(rulesOf(ldap)).toEqual(rules);
  });

  test("rejects an account without a password, and names the command that sets it", () => {
    expect(rulesOf(directory, "")).toEqual([
      "vaultstack:ldapBindPassword: must be the password of ldap.userSearch.bindDn",
    ]);
  });

  test("rejects a password in plain view without showing it", () => {
    const { faults } = parseSettings(exampleSettings({ ldap: '{"kind":"none"}', ldapBindPassword: "hunter2" }));
    expect(faults.map((text) => text.split(",")[0])).toEqual(["vaultstack:ldapBindPassword: must be stored encrypted"]);
    expect(faults.join()).not.toContain("hunter2");
  });
});

test("a stack with a directory gives readers and writers only what is in its store", async () => {
  const settings = {
    ldap: JSON.stringify({
      ...directory,
      userSearch: { kind: "direct", baseDn: "ou=users,dc=example" },
      users: { ada: "writer" },
    }),
  };
  const { resources, outputs } = await graphOfDev({ settings });
  const inputsOf = (name: string) => resources.find((resource) => resource.custom && resource.name === name)?.inputs;
  expect(outputs["ldapAuthPath"]).toBe("ldap");
  expect(inputsOf("ldap-group-developers")).toMatchObject({ policies: ["secret-reader"] });
  expect(inputsOf("ldap-group-admins")).toMatchObject({ policies: ["secret-writer"] });
  expect(inputsOf("ldap-user-ada")).toMatchObject({ policies: ["secret-writer"], groups: [] });
  const reason = "# readers read the whole store\n";
  expect(inputsOf("secret-reader")?.["policy"]).toBe(
    `${reason}path "secret/data/*" {\n  capabilities = ["read"]\n}\n\n${reason}path "secret/metadata/*" {\n  capabilities = ["read", "list"]\n}\n`,
  );
}, 60_000);
