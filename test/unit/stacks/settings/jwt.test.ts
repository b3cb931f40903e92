import { describe, expect, test, vi } from "vitest";
import { accessLines } from "../../../../components/access/matrix/access-matrix.ts";
import { accessOf } from "../../../../components/access/matrix/declared-access.ts";
import { stackConfig } from "../../../../stacks/config.ts";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";
import { graphOfDev } from "../../../support/graph-of-dev.ts";

// The graph is recorded in a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

const issuer = { kind: "discovery", url: "https://ci.example.com:8443/team" };
const deploy = { audiences: ["vault"], subject: "shop/app", secrets: ["webapp/config"] };

function rulesOf(jwt: unknown): string[] {
  const { faults } = parseSettings(exampleSettings({ jwt: JSON.stringify(jwt) }));
  return faults.map((text) => text.split(", got")[0] ?? "");
}

describe("the setting of an issuer", () => {
  test("parses, with tokens of ten minutes unless more is given", () => {
    const jwt = JSON.stringify({ kind: "issuer", issuer, roles: { deploy } });
    const { settings, faults } = parseSettings(exampleSettings({ jwt }));
    expect(faults).toEqual([]);
    if (settings === null) throw new Error("unreachable");
    expect(stackConfig(settings, "a-context", "vaultstack/dev").logins.jwt).toEqual({
      issuer,
      algorithms: ["RS256"],
      roles: {
        deploy: {
          secrets: ["webapp/config"],
          database: "none",
          terms: {
            audiences: ["vault"],
            subject: "shop/app",
            userClaim: "sub",
            lifetime: { kind: "ttl", ttl: "10m", maxTtl: "1h" },
            tokenBoundCidrs: [],
          },
        },
      },
    });
  });

  test.each<[string, unknown, string[]]>([
    ["another kind", { kind: "oidc" }, ['vaultstack:jwt.kind: must be {kind: "none"} or {kind: "issuer"}']],
    [
      "an issuer of another kind",
      { kind: "issuer", issuer: { kind: "url" }, roles: {} },
      ['vaultstack:jwt.issuer.kind: must be {kind: "discovery"} or {kind: "jwks"} or {kind: "publicKeys"}'],
    ],
    [
      "a way of signing whose secret would have to be shared",
      { kind: "issuer", issuer, algorithms: ["HS256"], roles: { deploy } },
      [expect.stringContaining("vaultstack:jwt.algorithms.0: must be one of RS256")],
    ],
    [
      "patterns without a reason",
      {
        kind: "issuer",
        issuer,
        roles: { deploy: { ...deploy, claims: { kind: "glob", values: { ref: ["v*"] } } } },
      },
      ["vaultstack:jwt.roles.deploy.claims.because: must be a text"],
    ],
    [
      "several faults at once, by the names of the setting",
      {
        kind: "issuer",
        issuer: { kind: "discovery", url: "http://ci.example.com" },
        roles: {
          open: { audiences: ["vault"], token: { ttl: "2h", boundCidrs: ["here"] } },
        },
      },
      [
        "vaultstack:jwt.issuer.url: must be an https:// URL",
        "vaultstack:jwt.roles.open: must bind a subject or a claim",
        "vaultstack:jwt.roles.open.token.maxTtl: must be at least the ttl of 2h",
        "vaultstack:jwt.roles.open.token.boundCidrs[0]: must be a network",
        "vaultstack:jwt.roles.open: must have secrets or a database",
      ],
    ],
  ])("rejects %s", (_what, jwt, rules) => {
    expect(rulesOf(jwt)).toEqual(rules);
  });
});

describe("a stack with an issuer", () => {
  const jwt = JSON.stringify({ kind: "issuer", issuer, roles: { deploy } });

  test.each(["dev", "ha"])("lets its tokens in on %s, and shows them in the matrix", async (stack) => {
    const { resources, outputs } = await graphOfDev({ stack, settings: { jwt } });
    expect(outputs).toMatchObject({ jwtAuthPath: "jwt", jwtRoles: ["deploy"] });
    const matrix = accessOf(resources);
    expect(outputs["accessMatrix"]).toEqual(accessLines(matrix));
    expect(accessLines(matrix)).toContain(
      "jwt deploy, named by sub: read secret/data/webapp/config (auth/jwt role deploy, policy jwt-deploy, 10m to 1h)",
    );
    expect(matrix.logins.find(({ authPath }) => authPath === "jwt")?.bounds).toEqual({
      issuer: [issuer.url],
      keys: [`discovery ${issuer.url}`],
      audience: ["vault"],
      subject: ["shop/app"],
    });
  });

  test("allows the servers of a cluster to reach it before they ask it for its keys", async () => {
    const { resources } = await graphOfDev({ stack: "ha", settings: { jwt } });
    const allowed = resources.find(({ name }) => name === "vault-to-issuer");
    expect(allowed?.inputs["spec"]).toMatchObject({ egress: [{ ports: [{ port: 8443, protocol: "TCP" }] }] });
    const mount = resources.find(({ type }) => type === "vault:jwt/authBackend:AuthBackend");
    expect(mount?.dependencies).toContain("vault-to-issuer");
  });
});
