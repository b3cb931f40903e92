/**
 * Jobs of a CI system log in to the Vault of a stack by tokens of an issuer that serves its keys over TLS. The tests
 * build on each other and run in order. They do not prove anything about the issuers of real CI systems, about OIDC in
 * a browser, or about the official Vault provider.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { blocksOf } from "../../support/operations-guide.ts";
import { plaintextHits } from "../../support/plaintext.ts";
import { type Forgery, TokenIssuer } from "../../support/token-issuer.ts";
import { vaultAt, type VaultClient } from "../../support/vault-client.ts";

const fitting = { aud: "vault", sub: "repo:shop/app", ref: "main" };
const tag = { aud: ["other", "vault"], sub: "repo:shop/any", ref: "v1.2.3", build: { team: "shop" } };
const loginAnswer = z.object({
  auth: z.object({ client_token: z.string(), lease_duration: z.number(), token_policies: z.array(z.string()) }),
});

let dev: DevStack;
let issuer: TokenIssuer;
let address: string;
const shown: Record<string, string> = {};

beforeAll(async () => {
  issuer = await TokenIssuer.create();
  const roles = {
    deploy: {
      audiences: ["vault"],
      subject: fitting.sub,
      claims: { kind: "exact", values: { ref: ["main", "release"] } },
      secrets: ["webapp/config"],
      database: "dev-postgres",
    },
    tags: {
      audiences: ["vault"],
      claims: { kind: "glob", because: "every version has a tag", values: { ref: ["v*"], "/build/team": ["shop"] } },
      secrets: ["webapp/config"],
    },
  };
  const { url, caCertificate } = issuer;
  const jwt = {
    kind: "issuer",
    issuer: { kind: "discovery", url, caCertificate },
    algorithms: ["ES256"],
    roles,
  };
  dev = await DevStack.create("ag-jwt", { vault: 31310, webApp: 31311 }, { jwt });
});

afterAll(async () => {
  issuer.stop();
  await dev.remove();
});

async function login(
  claims: object,
  role = "deploy",
): Promise<{ client: VaultClient; policies: string[]; ttl: number }> {
  const jwt = issuer.token({ ...claims });
  shown[`token ${Object.keys(shown).length}`] = jwt;
  const { auth } = loginAnswer.parse(await vaultAt(address).request("POST", "auth/jwt/login", { role, jwt }));
  return { client: vaultAt(address, auth.client_token), policies: auth.token_policies, ttl: auth.lease_duration };
}

function attempt(claims: object, forgery: Forgery = {}, role = "deploy"): Promise<number> {
  const jwt = issuer.token({ ...claims }, forgery);
  return vaultAt(address).status("POST", "auth/jwt/login", { role, jwt });
}

async function expectNoChanges(): Promise<void> {
  const preview = await dev.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
}

describe("a stack with an issuer", () => {
  test("does not come up while nobody answers at its address, in Vault's own words", async () => {
    const up = await dev.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/error checking oidc discovery URL/);
  });

  test("comes up once it answers, and goes on from where the run before ended", async () => {
    await issuer.start();
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    ({ address } = await dev.vault());
    expect(await dev.stack.outputs()).toMatchObject({ jwtAuthPath: "jwt", jwtRoles: ["deploy", "tags"] });
  });

  test("has nothing to change after it: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });
});

describe("a job", () => {
  test("logs in by a token that fits, and may do what its role says and nothing else", async () => {
    const { client, policies, ttl } = await login(fitting);
    expect([policies, ttl]).toEqual([["default", "jwt-deploy"], 600]);
    expect((await client.readKv("secret", "webapp/config"))["password"]).toBe(seededPassword);
    expect(await client.status("GET", "demo-db/creds/dev-postgres")).toBe(200);
    for (const path of ["secret/data/webapp/other", "demo-db/creds/myapp-db-role", "sys/mounts"]) {
      expect(await client.status("GET", path), path).toBe(403);
    }
    expect(await client.status("POST", "secret/data/webapp/config", { data: {} })).toBe(403);
    expect((await login({ ...fitting, ref: "release" })).policies).toContain("jwt-deploy");
  });

  test("logs in by a pattern where the role has one, and by a claim inside another", async () => {
    const { client, policies } = await login(tag, "tags");
    expect(policies).toEqual(["default", "jwt-tags"]);
    expect(await client.status("GET", "demo-db/creds/dev-postgres")).toBe(403);
    expect(await attempt({ ...tag, ref: "main" }, {}, "tags")).toBe(400);
    expect(await attempt({ ...tag, build: { team: "other" } }, {}, "tags")).toBe(400);
  });

  test("logs in as the guide says", async () => {
    const [block = ""] = blocksOf("Jobs with tokens of an issuer");
    const variables = { VAULT_ADDR: address, ID_TOKEN: issuer.token(fitting) };
    const run = await dev.stack.withEnvironment(variables, () => dev.stack.shell(`set -e\n${block}`));
    expect(run.code, run.output).toBe(0);
    expect(run.output).toContain(seededPassword);
  });

  const minutes = (count: number) => Math.floor(Date.now() / 1000) + count * 60;
  test.each<[string, object, Forgery]>([
    ["for another service", { ...fitting, aud: "other" }, {}],
    ["for nobody", { ...fitting, aud: undefined }, {}],
    ["about somebody else", { ...fitting, sub: "repo:shop/other" }, {}],
    ["of another branch", { ...fitting, ref: "feature" }, {}],
    ["whose branch only begins like one of the role's", { ...fitting, ref: "main2" }, {}],
    ["without the claim", { ...fitting, ref: undefined }, {}],
    ["that has ended", { ...fitting, exp: minutes(-5) }, {}],
    ["that is not valid yet", { ...fitting, nbf: minutes(60), exp: minutes(120) }, {}],
    ["of another issuer", { ...fitting, iss: "https://other.example.com" }, {}],
    ["signed by somebody else", fitting, { foreignKey: true }],
    ["that is not signed", fitting, { algorithm: "none" }],
    ["signed with the public key as if it were a secret", fitting, { algorithm: "HS256" }],
  ])("is refused with a token %s", async (_what, claims, forgery) => {
    expect(await attempt(claims, forgery)).toBe(400);
  });

  test("is refused under a role that there is not", async () => {
    expect(await attempt(fitting, {}, "admin")).toBe(400);
  });
});

describe("the issuer", () => {
  test("may take another key without a run; what the old one signed is refused then", async () => {
    const old = issuer.token(fitting);
    issuer.rotate();
    expect((await login(fitting)).policies).toContain("jwt-deploy");
    expect(await vaultAt(address).status("POST", "auth/jwt/login", { role: "deploy", jwt: old })).toBe(400);
    await expectNoChanges();
  });

  test("may be one by an address of its keys, by an edit", async () => {
    const { url, caCertificate } = issuer;
    await dev.stack.setObject("jwt.issuer", { kind: "jwks", issuer: url, url: `${url}/keys`, caCertificate });
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect((await login(fitting)).policies).toContain("jwt-deploy");
    await expectNoChanges();
  });

  test("need not be reachable when its keys are given", async () => {
    await dev.stack.setObject("jwt.issuer", { kind: "publicKeys", issuer: issuer.url });
    await dev.stack.set("jwt.issuer.publicKeys[0]", issuer.publicKey());
    issuer.stop();
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect((await login(fitting)).policies).toContain("jwt-deploy");
    expect(await attempt(fitting, { foreignKey: true })).toBe(400);
    await expectNoChanges();
  });
});

describe("a stack that has lost its state", () => {
  test("takes the login method over as it is", async () => {
    await dev.stack.loseState();
    const adopting = await dev.adoptWhatExists();
    expect(adopting.code, adopting.output).toBe(0);
    expect((await login(fitting)).policies).toContain("jwt-deploy");
    const next = await dev.stack.up();
    expect(next.code, next.output).toBe(0);
    await expectNoChanges();
  });
});

describe("the end", () => {
  test("has left no token in anything that is kept or shown", async () => {
    const places = { ...(await dev.readablePlaces()), "the audit file": await dev.auditFile() };
    expect(plaintextHits(places, shown)).toEqual([]);
  });

  test("of the setting takes the login method and its policies away", async () => {
    await dev.stack.unset("jwt");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await attempt(fitting)).toBe(403);
    const admin = await dev.admin();
    const { data } = z
      .object({ data: z.object({ keys: z.array(z.string()) }) })
      .parse(await admin.request("LIST", "sys/policies/acl"));
    expect(data.keys.filter((name) => name.startsWith("jwt"))).toEqual([]);
  });

  test("of the stack leaves no trace", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
  });
});
