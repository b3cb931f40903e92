import { generateKeyPairSync } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { JwtAuth, jwtAuthFaults, type JwtAuthArgs } from "../../../../../components/access/logins/jwt-auth.ts";
import type { JwtIssuer } from "../../../../../components/access/logins/jwt-issuer.ts";
import type { JwtRoleArgs } from "../../../../../components/access/logins/jwt-role.ts";
import { Policy } from "../../../../../components/access/policy.ts";
import { find, record } from "../../../../../graph/recorder.ts";

// Proves what Vault is asked for; that tokens are verified is the live test's.

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
const privatePem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const discovery: JwtIssuer = { kind: "discovery", url: "https://ci.example.com" };

interface Parts {
  readonly opts: pulumi.ComponentResourceOptions;
  readonly role: JwtRoleArgs;
}

function parts(): Parts {
  const opts = { provider: new vault.Provider("vault", { address: "http://vault.test" }) };
  const read = new Policy("read", { rules: [{ path: "secret/data/app", capabilities: ["read"] }] }, opts);
  const lifetime = { kind: "ttl", ttl: "10m", maxTtl: "1h" } as const;
  return { opts, role: { audiences: ["vault"], subject: "repo:shop/app", policies: [read], lifetime } };
}

async function made(differences: Partial<JwtAuthArgs<"deploy">>, role: Partial<JwtRoleArgs> = {}) {
  const recording = await record(() => {
    const { opts, role: given } = parts();
    new JwtAuth("login", { issuer: discovery, roles: { deploy: { ...given, ...role } }, ...differences }, opts);
  });
  return {
    mount: find(recording, "vault:jwt/authBackend:AuthBackend", "login"),
    role: find(recording, "vault:jwt/authBackendRole:AuthBackendRole", "login-deploy"),
  };
}

describe("JWT auth", () => {
  test.each<[string, JwtIssuer, Record<string, unknown>]>([
    [
      "an issuer with discovery",
      { ...discovery, caCertificate: certificate },
      {
        boundIssuer: "https://ci.example.com",
        oidcDiscoveryUrl: "https://ci.example.com",
        oidcDiscoveryCaPem: certificate,
      },
    ],
    [
      "an address of keys",
      { kind: "jwks", issuer: "ci", url: "https://ci.example.com/keys" },
      { boundIssuer: "ci", jwksUrl: "https://ci.example.com/keys" },
    ],
    [
      "given keys, without the line break that Vault drops",
      { kind: "publicKeys", issuer: "ci", publicKeys: [pem] },
      { boundIssuer: "ci", jwtValidationPubkeys: [pem.trim()] },
    ],
  ])("takes tokens of %s, and of no other issuer", async (_what, issuer, inputs) => {
    const { mount } = await made({ issuer });
    expect(mount.inputs).toEqual({ path: "jwt", type: "jwt", jwtSupportedAlgs: ["RS256"], ...inputs });
  });

  test("binds a role to an audience, a subject and claims, and gives its policies", async () => {
    const claims = { kind: "exact", values: { ref: ["main", "release"], repository: ["shop/app"] } } as const;
    const { role } = await made({ path: "ci", algorithms: ["ES256"] }, { claims, tokenBoundCidrs: ["10.0.0.0/8"] });
    expect(role).toMatchObject({ parent: "login", provider: "vault", dependencies: ["login", "read"] });
    expect(role.inputs).toEqual({
      backend: "ci",
      roleName: "deploy",
      roleType: "jwt",
      userClaim: "sub",
      boundAudiences: ["vault"],
      boundSubject: "repo:shop/app",
      boundClaims: { ref: "main,release", repository: "shop/app" },
      boundClaimsType: "string",
      tokenPolicies: ["read"],
      tokenBoundCidrs: ["10.0.0.0/8"],
      tokenTtl: 600,
      tokenMaxTtl: 3_600,
    });
  });

  test("takes patterns for claims where a reason is given", async () => {
    const claims = { kind: "glob", because: "a branch each", values: { ref: ["release-*"] } } as const;
    const { role } = await made({}, { claims });
    expect(role.inputs).toMatchObject({ boundClaims: { ref: "release-*" }, boundClaimsType: "glob" });
  });

  test("takes an existing mount over with the settings it has", async () => {
    const { mount } = await made({ adopt: true });
    expect(mount.adopts).toBe("jwt");
    expect(mount.ignoreChanges).toEqual(["boundIssuer", "oidcDiscoveryUrl", "jwtSupportedAlgs"]);
  });

  test("rejects all faults at once, and shows no key, which may be the private one", () => {
    const lifetime = { kind: "ttl", ttl: "1h" } as const;
    const terms = { audiences: ["vault"], policies: [], lifetime };
    const faults = jwtAuthFaults({
      path: "ci/",
      issuer: { kind: "publicKeys", issuer: " ", publicKeys: [pem, privatePem] },
      algorithms: [],
      roles: {
        none: { ...terms, audiences: [], tokenBoundCidrs: ["0.0.0.0/0"] },
        empty: { ...terms, subject: "", userClaim: "", lifetime: { kind: "ttl", ttl: "0s" } },
        exact: { ...terms, claims: { kind: "exact", values: { ref: ["main,release", "v*"], repository: [] } } },
        glob: { ...terms, claims: { kind: "glob", because: " ", values: { ref: ["*"] } } },
      },
    });
    expect(faults.map((text) => text.split(", got")[0])).toEqual([
      "path: must be a mount path",
      "issuer.issuer: must not be empty",
      "issuer.publicKeys[1]: must be a public key in PEM",
      "algorithms: must hold at least one",
      "roles.none.policies: must hold at least one",
      "roles.none.audiences: must name at least one",
      "roles.none: must bind a subject or a claim",
      "roles.none.tokenBoundCidrs[0]: must leave somebody out",
      "roles.empty.policies: must hold at least one",
      "roles.empty.subject: must not be empty",
      "roles.empty.userClaim: must name a claim",
      "roles.empty.lifetime.ttl: must be a positive whole number and a unit",
      "roles.exact.policies: must hold at least one",
      "roles.exact.claims.values.ref[0]: must be a text without comma and outer spaces",
      "roles.exact.claims.values.ref[1]: must have no * with kind exact, which takes it literally",
      "roles.exact.claims.values.repository: must hold at least one",
      "roles.glob.policies: must hold at least one",
      "roles.glob.claims.values.ref[0]: must leave somebody out",
      "roles.glob.claims.because: must say why the values cannot be listed",
    ]);
    expect(faults.join("\n")).not.toContain("PRIVATE");
  });

  test.each<[string, JwtIssuer, string]>([
    ["plain HTTP", { kind: "discovery", url: "http://ci.example.com" }, "issuer.url: must be an https:// URL"],
    ["an account", { kind: "jwks", issuer: "ci", url: "https://a:b@ci.test/keys" }, "issuer.url: must be an https"],
    [
      "an authority that is none",
      { ...discovery, caCertificate: privatePem },
      "issuer.caCertificate: must be certificates in PEM, got a value that is not shown",
    ],
  ])("rejects an issuer with %s", (_what, issuer, beginning) => {
    const faults = jwtAuthFaults({ issuer, roles: {} });
    expect(faults).toHaveLength(1);
    expect(faults[0]?.slice(0, beginning.length)).toBe(beginning);
  });
});
