import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessChanges } from "../../../../../components/access/matrix/access-diff.ts";
import type { DeclaredResource } from "../../../../../components/access/matrix/access-reader.ts";
import { accessOf } from "../../../../../components/access/matrix/declared-access.ts";
import { renderPolicy, type PolicyRule } from "../../../../../components/access/policy-document.ts";

const policy = (name: string, ...rules: PolicyRule[]): DeclaredResource => ({
  type: "vault:index/policy:Policy",
  inputs: { name, policy: renderPolicy(rules) },
});
const read: PolicyRule = { path: "secret/data/app", capabilities: ["read"] };

function role(changes: Readonly<Record<string, unknown>> = {}): DeclaredResource {
  const inputs = {
    ...{ backend: "kubernetes", roleName: "app", audience: "vault", tokenPolicies: ["app"], tokenTtl: 3600 },
    ...{ boundServiceAccountNames: ["app"], boundServiceAccountNamespaces: ["shop"], tokenMaxTtl: 7200 },
    ...changes,
  };
  return { type: "vault:kubernetes/authBackendRole:AuthBackendRole", inputs };
}

const jwt = (changes: Readonly<Record<string, unknown>>): DeclaredResource => ({
  type: "vault:jwt/authBackendRole:AuthBackendRole",
  inputs: {
    ...{ backend: "jwt", roleName: "ci", roleType: "jwt", userClaim: "sub", tokenPolicies: ["app"] },
    ...{ boundAudiences: ["vault"], boundClaims: { repository: "shop/app" } },
    ...changes,
  },
});
const ci = (changes: Readonly<Record<string, unknown>> = {}): DeclaredResource => ({
  type: "vault:jwt/authBackend:AuthBackend",
  inputs: {
    ...{ path: "jwt", type: "jwt", boundIssuer: "https://ci.test", jwtSupportedAlgs: ["RS256"] },
    ...{ oidcDiscoveryUrl: "https://ci.test" },
    ...changes,
  },
});
const agent = (changes: Readonly<Record<string, unknown>>): DeclaredResource => ({
  type: "vault:appRole/authBackendRole:AuthBackendRole",
  inputs: { backend: "approle", roleName: "agent", tokenPolicies: ["app"], secretIdNumUses: 1, ...changes },
});
const database = (changes: Readonly<Record<string, unknown>> = {}): DeclaredResource => ({
  type: "vault:database/secretBackendRole:SecretBackendRole",
  inputs: {
    backend: "db",
    name: "app",
    defaultTtl: 600,
    maxTtl: 1200,
    creationStatements: ["GRANT SELECT"],
    ...changes,
  },
});

function changesOf(before: readonly DeclaredResource[], after: readonly DeclaredResource[]): string[] {
  return accessChanges(accessOf(before), accessOf(after)).map(({ direction, text }) => `${direction}: ${text}`);
}

const app = [policy("app", read), role()];
const login = "auth/kubernetes role app";

describe("a change of the program", () => {
  test("that adds one capability to one role shows exactly that", () => {
    const wider = policy("app", { ...read, capabilities: ["read", "update"] });
    expect(accessChanges(accessOf(app), accessOf([wider, role()]))).toEqual([
      { direction: "wider", kind: "capability", text: `${login}: may update secret/data/app` },
    ]);
  });

  test("that only renames and reorders shows nothing", () => {
    const renamed = [role({ tokenPolicies: ["other"] }), policy("other", read)];
    expect(changesOf(app, renamed)).toEqual([]);
  });

  test("that splits a policy in two shows nothing", () => {
    const list: PolicyRule = { path: "secret/metadata/app", capabilities: ["list"] };
    const one = [policy("app", read, list), role()];
    const two = [policy("read", read), policy("list", list), role({ tokenPolicies: ["list", "read"] })];
    expect(changesOf(one, two)).toEqual([]);
  });

  test.each([
    [
      "a new path",
      [policy("app", read, { path: "db/creds/app", capabilities: ["read"] }), role()],
      `${login}: may read db/creds/app`,
    ],
    [
      "a new account",
      [app[0]!, role({ boundServiceAccountNames: ["app", "job"] })],
      `${login}: serviceaccount shop/job may log in`,
    ],
    ["a longer life", [app[0]!, role({ tokenTtl: 7200 })], `${login}: ttl rises from 1h to 2h`],
    [
      "a life without end",
      [app[0]!, role({ tokenTtl: undefined, tokenMaxTtl: undefined, tokenPeriod: 3600 })],
      `${login}: maxTtl rises from 2h to no limit`,
    ],
    ["no audience", [app[0]!, role({ audience: undefined })], `${login}: audience is not asked for any more: vault`],
    ["another audience", [app[0]!, role({ audience: "other" })], `${login}: audience other is accepted`],
  ])("that gives a role %s is wider", (_, after, text) => {
    expect(changesOf(app, after)).toContain(`wider: ${text}`);
    // And the way back is narrower.
    expect(changesOf(after, app).filter((line) => line.startsWith("wider")).length).toBe(
      changesOf(app, after).filter((line) => line.startsWith("narrower")).length,
    );
  });

  test("of two names and two namespaces lets four accounts in, as Vault does", () => {
    const both = role({ boundServiceAccountNames: ["app", "job"], boundServiceAccountNamespaces: ["shop", "store"] });
    expect(changesOf(app, [app[0]!, both])).toHaveLength(3);
  });

  test("that gives a claim, a network or a number of uses more room is wider", () => {
    const base = [app[0]!, ci(), jwt({}), agent({ secretIdBoundCidrs: ["10.0.0.0/8"] })];
    const after = [
      app[0]!,
      ci(),
      jwt({ boundClaims: {} }),
      agent({ secretIdBoundCidrs: ["10.0.0.0/8", "0.0.0.0/0"], secretIdNumUses: 0 }),
    ];
    expect(changesOf(base, after)).toEqual([
      "wider: auth/approle role agent: secretIdCidr 0.0.0.0/0 is accepted",
      "wider: auth/approle role agent: secretIdUses rises from 1 to no limit",
      "wider: auth/jwt role ci: claim repository is not asked for any more: shop/app",
    ]);
  });

  test("of a claim's kind of comparison is wider, because nobody here compares patterns", () => {
    const after = [app[0]!, ci(), jwt({ boundClaimsType: "glob", boundClaims: { repository: "shop/*" } })];
    expect(changesOf([app[0]!, ci(), jwt({})], after).filter((line) => line.startsWith("wider"))).toHaveLength(1);
  });

  test.each([
    ["another issuer", { boundIssuer: "https://other.test" }, ["issuer https://other.test is accepted"]],
    [
      "keys from elsewhere",
      { oidcDiscoveryUrl: undefined, jwksUrl: "https://ci.test/keys" },
      ["keys jwks https://ci.test/keys is accepted"],
    ],
    [
      "another authority of the keys' server",
      { oidcDiscoveryCaPem: "PEM" },
      ["keys discovery https://ci.test verified by 384fb9a44fabe158 is accepted"],
    ],
    ["one more way to sign", { jwtSupportedAlgs: ["RS256", "ES256"] }, []],
  ])("of a method's tokens to those of %s is wider where others are let in", (_, changes, texts) => {
    const wider = changesOf([app[0]!, ci(), jwt({})], [app[0]!, ci(changes), jwt({})]).filter((line) =>
      line.startsWith("wider"),
    );
    expect(wider).toEqual(texts.map((text) => `wider: auth/jwt role ci: ${text}`));
  });

  test("of what a database role issues is wider, except for a shorter life", () => {
    const after = [...app, database({ creationStatements: ["GRANT ALL"] })];
    expect(changesOf([...app, database()], after)).toEqual([
      'wider: db/creds/app: what it issues may do otherwise: creationStatements = ["GRANT ALL"]',
    ]);
    expect(changesOf([...app, database()], [...app, database({ maxTtl: 600 })])).toEqual([
      "narrower: db/creds/app: maxTtl falls from 20m to 10m",
    ]);
  });

  test("that leaves a secret id longer in its wrapping, or without one, is wider", () => {
    const ask = (wrapping?: PolicyRule["wrapping"]): DeclaredResource[] => {
      const rule: PolicyRule = { path: "auth/agents/role/one/secret-id", capabilities: ["update"] };
      return [policy("app", wrapping === undefined ? rule : { ...rule, wrapping }), role()];
    };
    const short = ask({ min: "1s", max: "60s" });
    const long = ask({ min: "1s", max: "1h" });
    expect(changesOf([role({ tokenPolicies: [] })], short)).toEqual([
      `wider: ${login}: may update auth/agents/role/one/secret-id, wrapped for 1s to 60s`,
    ]);
    expect(changesOf(short, long)).toEqual([
      `wider: ${login}: answers of auth/agents/role/one/secret-id are wrapped for 1s to 1h instead of 1s to 60s`,
    ]);
    expect(changesOf(long, short)).toEqual([
      `narrower: ${login}: answers of auth/agents/role/one/secret-id are wrapped for 1s to 60s instead of 1s to 1h`,
    ]);
    expect(changesOf(short, ask())).toEqual([
      `wider: ${login}: answers of auth/agents/role/one/secret-id need not be wrapped any more`,
    ]);
    expect(changesOf(ask(), short)).toEqual([
      `narrower: ${login}: answers of auth/agents/role/one/secret-id must be wrapped for 1s to 60s now`,
    ]);
  });

  test("that leaves a policy to nobody, or takes it up, is told, because somebody else may use it", () => {
    const alone = [policy("app", read)];
    expect(changesOf([], alone)).toEqual([
      "wider: policy app: (no login of this stack) may log in",
      "wider: policy app: may read secret/data/app",
    ]);
  });

  test("that lets a person into a group gives the person what the group may", () => {
    const ldap = (groups: readonly string[]): DeclaredResource[] => [
      policy("app", read),
      { type: "vault:ldap/authBackend:AuthBackend", inputs: { path: "ldap", tokenTtl: 3600 } },
      {
        type: "vault:ldap/authBackendGroup:AuthBackendGroup",
        inputs: { backend: "ldap", groupname: "Dev", policies: ["app"] },
      },
      {
        type: "vault:ldap/authBackendUser:AuthBackendUser",
        inputs: { backend: "ldap", username: "ada", groups, policies: [] },
      },
    ];
    expect(changesOf(ldap([]), ldap(["dev"]))).toEqual(["wider: auth/ldap user ada: may read secret/data/app"]);
  });
});

describe("what is not understood", () => {
  test("fails for a role of a method that is not there, and for a setting of one", () => {
    expect(() => accessOf([policy("app", read), jwt({})])).toThrow("auth/jwt: must be a login method of the stack");
    expect(() => accessOf([policy("app", read), ci({ jwksPairs: [] }), jwt({})])).toThrow(/jwksPairs/);
  });

  test.each([
    "vault:index/token:Token",
    "vault:identity/groupPolicies:GroupPolicies",
    "vault:aws/authBackendRole:AuthBackendRole",
  ])("fails for the type %s instead of passing unseen", (type) => {
    expect(() => accessOf([{ type, inputs: {} }])).toThrow(`${type}: must be of a type the access matrix understands`);
  });

  test("fails for a field of a role, and for a policy of another hand, both at once", () => {
    const other = { type: "vault:index/policy:Policy", inputs: { name: "x", policy: 'path "a" { policy = "sudo" }' } };
    const faults = () => accessOf([role({ boundServiceAccountNamespaceSelector: "all" }), other]);
    expect(faults).toThrow(/boundServiceAccountNamespaceSelector/);
    expect(faults).toThrow(/policy x: must be rendered from rules/);
  });
});

test("a change that is wider for somebody is told for whatever rules before and after", () => {
  const rule = fc.record({
    path: fc.constantFrom("a", "a/b", "a/*", "+/b"),
    capabilities: fc.subarray(["read", "update"] as PolicyRule["capabilities"][number][], { minLength: 1 }),
  });
  const rules = fc.uniqueArray(rule, { selector: ({ path }) => path, minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(rules, rules, (before, after) => {
      const changes = accessChanges(
        accessOf([policy("app", ...before), role()]),
        accessOf([policy("app", ...after), role()]),
      );
      const back = accessChanges(
        accessOf([policy("app", ...after), role()]),
        accessOf([policy("app", ...before), role()]),
      );
      const count = (all: typeof changes, direction: string) => all.filter((one) => one.direction === direction).length;
      expect(count(changes, "wider")).toBe(count(back, "narrower"));
      expect(new Set(changes.map(({ text }) => text)).size).toBe(changes.length);
    }),
  );
});
