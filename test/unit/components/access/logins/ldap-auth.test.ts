import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { LdapAuth, ldapAuthFaults, type LdapAuthArgs } from "../../../../../components/access/logins/ldap-auth.ts";
import type { LdapDirectoryArgs } from "../../../../../components/access/logins/ldap-config.ts";
import { Policy } from "../../../../../components/access/policy.ts";
import { find, masked, record } from "../../../../../graph/recorder.ts";

// Proves what Vault is asked for; not that a directory answers. That is the live test's.

const backendType = "vault:ldap/authBackend:AuthBackend";
const groupType = "vault:ldap/authBackendGroup:AuthBackendGroup";
const userType = "vault:ldap/authBackendUser:AuthBackendUser";

interface Parts {
  readonly opts: pulumi.ComponentResourceOptions;
  readonly args: LdapAuthArgs<"developers" | "admins">;
}

function directory(differences: Partial<LdapDirectoryArgs> = {}): LdapDirectoryArgs {
  return {
    servers: ["LDAP.example.com", "backup.example.com:1636"],
    transport: { kind: "ldaps", trust: { kind: "authority", certificate: "PEM" } },
    userSearch: {
      kind: "bound",
      bindDn: "cn=vault,dc=example,dc=com",
      bindPassword: pulumi.secret("hunter2"),
      baseDn: "ou=users,dc=example,dc=com",
    },
    groupSearch: { kind: "search", baseDn: "ou=groups,dc=example,dc=com" },
    ...differences,
  };
}

function parts(differences: Partial<LdapDirectoryArgs> = {}): Parts {
  const opts = { provider: new vault.Provider("vault", { address: "http://vault.test" }) };
  const read = new Policy("read", { rules: [{ path: "secret/data/app", capabilities: ["read"] }] }, opts);
  const write = new Policy("write", { rules: [{ path: "secret/data/app", capabilities: ["update"] }] }, opts);
  return {
    opts,
    args: {
      directory: directory(differences),
      lifetime: { kind: "ttl", ttl: "1h", maxTtl: "8h" },
      groups: { developers: { policies: [read] }, admins: { policies: [read, write] } },
      users: { ada: { groups: ["admins"], policies: [write] } },
    },
  };
}

async function settingsOf(differences: Partial<LdapDirectoryArgs>): Promise<Readonly<Record<string, unknown>>> {
  const recording = await record(() => {
    const { opts, args } = parts(differences);
    new LdapAuth("login", args, opts);
  });
  return find(recording, backendType, "login").inputs;
}

describe("LDAP auth", () => {
  test("configures the mount completely, with the bind password as a secret", async () => {
    expect(await settingsOf({})).toEqual({
      path: "ldap",
      url: "ldaps://ldap.example.com,ldaps://backup.example.com:1636",
      starttls: false,
      insecureTls: false,
      certificate: "PEM",
      tlsMinVersion: "tls12",
      tlsMaxVersion: "tls13",
      denyNullBind: true,
      binddn: "cn=vault,dc=example,dc=com",
      bindpass: masked,
      userdn: "ou=users,dc=example,dc=com",
      userattr: "uid",
      userfilter: "({{.UserAttr}}={{.Username}})",
      discoverdn: false,
      upndomain: "",
      groupdn: "ou=groups,dc=example,dc=com",
      groupattr: "cn",
      groupfilter: "(|(memberUid={{.Username}})(member={{.UserDN}})(uniqueMember={{.UserDN}}))",
      useTokenGroups: false,
      tokenTtl: 3_600,
      tokenMaxTtl: 28_800,
    });
  });

  test.each<[string, Partial<LdapDirectoryArgs>, Record<string, unknown>]>([
    [
      "TLS on the plain port",
      { transport: { kind: "starttls", trust: { kind: "system" } } },
      { url: "ldap://ldap.example.com,ldap://backup.example.com:1636", starttls: true, certificate: "" },
    ],
    [
      "a server nobody verifies",
      { transport: { kind: "ldaps", trust: { kind: "unverified" } } },
      { insecureTls: true, certificate: "" },
    ],
    ["no TLS", { transport: { kind: "plaintext" } }, { starttls: false, insecureTls: false, certificate: "" }],
    [
      "an anonymous search",
      { userSearch: { kind: "anonymous", baseDn: "dc=example", attribute: "mail" } },
      { discoverdn: true, binddn: "", userattr: "mail", userdn: "dc=example" },
    ],
    [
      "entries by their name",
      { userSearch: { kind: "direct", baseDn: "ou=users,dc=example" } },
      { discoverdn: false, binddn: "", userattr: "uid" },
    ],
    [
      "Active Directory",
      {
        userSearch: { kind: "userPrincipal", domain: "example.com", baseDn: "dc=example,dc=com" },
        groupSearch: { kind: "tokenGroups", baseDn: "dc=example,dc=com" },
      },
      { upndomain: "example.com", useTokenGroups: true, groupdn: "dc=example,dc=com" },
    ],
  ])("turns %s into settings", async (_what, differences, inputs) => {
    expect(await settingsOf(differences)).toMatchObject(inputs);
  });

  test("maps groups and people to policies that exist", async () => {
    const recording = await record(() => {
      const { opts, args } = parts();
      new LdapAuth("login", { ...args, path: "people" }, opts);
    });
    const group = find(recording, groupType, "login-group-admins");
    expect(group).toMatchObject({ parent: "login", provider: "vault", dependencies: ["login", "read", "write"] });
    expect(group.inputs).toEqual({ backend: "people", groupname: "admins", policies: ["read", "write"] });
    expect(find(recording, userType, "login-user-ada").inputs).toEqual({
      backend: "people",
      username: "ada",
      groups: ["admins"],
      policies: ["write"],
    });
  });

  test("takes an existing mount over with the settings it has, which Vault does not tell completely", async () => {
    const recording = await record(() => {
      const { opts, args } = parts();
      new LdapAuth("login", { ...args, adopt: true }, opts);
    });
    const { adopts, ignoreChanges } = find(recording, backendType, "login");
    expect(adopts).toBe("ldap");
    expect(ignoreChanges).toContain("bindpass");
    expect(ignoreChanges).not.toContain("path");
  });

  test("rejects a second mount at the same path", async () => {
    const program = () => {
      const { opts, args } = parts();
      new LdapAuth("one", args, opts);
      new LdapAuth("two", args, opts);
    };
    await expect(record(program)).rejects.toThrow("path: must be the auth mount of one component only");
  });

  test("rejects all faults at once, and shows no server, which may hold an account", () => {
    const faults = ldapAuthFaults({
      path: "team/ldap",
      directory: {
        servers: ["ldap://user:hunter2@host", "host:70000"],
        transport: { kind: "plaintext" },
        userSearch: {
          kind: "bound",
          bindDn: "vault",
          bindPassword: pulumi.secret(""),
          baseDn: "ou=users,",
          attribute: "u i d",
          filter: "(uid=ada",
        },
        groupSearch: { kind: "search", baseDn: "", filter: "(cn=a)(cn={{.Username}})" },
      },
      lifetime: { kind: "periodic", period: "0s" },
      groups: { developers: { policies: [] }, "a/b": { policies: [] }, Developers: { policies: [] } },
      users: { ada: {}, bob: { groups: ["strangers"] } },
    });
    expect(faults.map((text) => text.split(", got")[0])).toEqual([
      "path: must be a mount path of one segment",
      "directory.servers[0]: must be a host with at most a port",
      "directory.servers[1]: must be a host with at most a port",
      "directory.userSearch.baseDn: must be a distinguished name",
      "directory.userSearch.bindDn: must be a distinguished name",
      "directory.userSearch.attribute: must be the name of an attribute",
      "directory.userSearch.filter: must mention {{.Username}}",
      "directory.userSearch.filter: must be one filter in brackets",
      "directory.groupSearch.baseDn: must be a distinguished name",
      "directory.groupSearch.filter: must be one filter in brackets",
      "lifetime.period: must be a positive whole number and a unit",
      "groups.a/b: must be a name without slash, comma, quote, backslash, plus and star",
      "groups.Developers: must differ from developers in more than case",
      "groups.developers.policies: must hold at least one",
      "groups.a/b.policies: must hold at least one",
      "groups.Developers.policies: must hold at least one",
      "users.ada: must have a group or a policy",
      "users.bob.groups: must be groups of this method",
    ]);
    expect(faults.join("\n")).not.toContain("hunter2");
  });

  test.each(["ou=users,dc=example,dc=com", "CN=Smith\\, Ada, OU=Users, DC=example", "dc=example"])(
    "accepts the name %s",
    (baseDn) => {
      const faults = ldapAuthFaults({
        directory: directory({ groupSearch: { kind: "search", baseDn } }),
        lifetime: { kind: "ttl", ttl: "1h" },
        groups: {},
      });
      expect(faults).toEqual([]);
    },
  );
});
