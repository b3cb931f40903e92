/**
 * Every policy of a stack on a real Vault, as the access matrix of the stack tells it: what it allows is allowed, what
 * it does not is denied. Nothing here names a policy, so a new one is covered by being declared. The stack has every
 * setting by which somebody logs in. It does not prove who gets a policy; that is proved for each login method by its
 * own test.
 */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { accessLines } from "../../../components/access/matrix/access-matrix.ts";
import { accessOf } from "../../../components/access/matrix/declared-access.ts";
import { capabilitiesAt } from "../../../components/access/matrix/path-pattern.ts";
import type { PolicyRule } from "../../../components/access/policy-document.ts";
import { demoSettings, DevStack, seededPassword } from "../../support/dev-stack.ts";
import { asRoot } from "../../support/emergency-root.ts";
import { graphOfDev } from "../../support/graph-of-dev.ts";
import { secretsOf } from "../../support/plaintext.ts";
import { vaultAt } from "../../support/vault-client.ts";

const account = { namespace: "ag-policies-others", serviceAccount: "somebody" };
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicKeys = [publicKey.export({ type: "spki", format: "pem" }).toString()];
const settings = {
  consumers: { team: { ...account, secrets: ["webapp/config"], database: "myapp-db-role" } },
  agents: {
    one: { issuer: account, database: "dev-postgres" },
    two: { issuer: account, secrets: ["webapp/config"] },
  },
  jwt: {
    kind: "issuer",
    issuer: { kind: "publicKeys", issuer: "ci", publicKeys },
    roles: { deploy: { audiences: ["vault"], subject: "a", secrets: ["ci/deploy"], database: "dev-postgres" } },
  },
  // Vault asks the directory at a login only.
  ldap: {
    kind: "directory",
    servers: ["ldap.invalid"],
    transport: { kind: "ldaps", trust: { kind: "system" } },
    userSearch: { kind: "direct", baseDn: "dc=invalid" },
    groupSearch: { kind: "search", baseDn: "dc=invalid" },
    groups: { developers: "reader", admins: "writer" },
  },
};
const name = "ag-policies";
const names = {
  namespace: name,
  demo: JSON.stringify(demoSettings(name, 0)),
  postgresNamespace: `${name}-postgres`,
  secretsOperator: "none",
};
const asTexts = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)]));
const [matrix, ofCluster] = await Promise.all(
  ["dev", "ha"].map(async (stack) =>
    accessOf((await graphOfDev({ stack, settings: { ...names, ...asTexts } })).resources),
  ),
);
if (matrix === undefined || ofCluster === undefined) throw new Error("unreachable");
const policies = Object.entries(matrix.policies);
/** A path for every rule of every policy. */
const paths = [...new Set(policies.flatMap(([, rules]) => rules.map(({ path }) => exampleOf(path))))].sort();

const tokenAnswer = z.object({ auth: z.object({ client_token: z.string() }) });
const list = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const capabilitiesAnswer = z.object({ data: z.record(z.string(), z.unknown()) });

let dev: DevStack;
let address: string;
const tokens = new Map<string, string>();
const told = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  dev = await DevStack.create(name, { vault: 31320, webApp: 31321 }, settings);
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
  ({ address } = await dev.vault());
  const { shares } = await secretsOf(dev.stack, seededPassword);
  await asRoot(address, shares, async (root) => {
    for (const [policy] of policies) {
      const body = { policies: [policy], no_default_policy: true, ttl: "30m" };
      const { auth } = tokenAnswer.parse(await root.request("POST", "auth/token/create-orphan", body));
      tokens.set(policy, auth.client_token);
      const asked = { token: auth.client_token, paths };
      told.set(policy, capabilitiesAnswer.parse(await root.request("POST", "sys/capabilities", asked)).data);
    }
  });
});

afterAll(async () => {
  await dev.remove();
});

/** A path that a rule is about and no narrower rule is likely to be. */
function exampleOf(path: string): string {
  return path
    .split("/")
    .map((segment) => (segment === "+" ? "any" : segment.replace(/\*$/, "any")))
    .join("/");
}

/** What a rule is tried by: reading where it may, so that nothing is changed. */
function triedBy({ capabilities }: PolicyRule): "read" | "list" | "update" | null {
  const order = ["read", "list", "update"] as const;
  return order.find((capability) => capabilities.includes(capability)) ?? null;
}

/** Asks for what a rule allows, under whatever policy. */
async function status(policy: string, rule: PolicyRule): Promise<number> {
  const client = vaultAt(address, tokens.get(policy), rule.wrapping?.max);
  const methods = { read: "GET", list: "LIST", update: "POST" } as const;
  const method = methods[triedBy(rule) ?? "read"];
  return client.status(method, exampleOf(rule.path), method === "POST" ? {} : undefined);
}

/** Whether rules allow what another rule is tried by. */
function allow(rules: readonly PolicyRule[], rule: PolicyRule): boolean {
  const asked = triedBy(rule);
  return asked === null || capabilitiesAt(rules, exampleOf(rule.path)).includes(asked);
}

describe("the stack", () => {
  test("tells the same matrix as its program, and has no policy beside it", async () => {
    expect(await dev.stack.outputs()).toMatchObject({ accessMatrix: accessLines(matrix) });
    const { keys } = list.parse(await (await dev.admin()).request("LIST", "sys/policies/acl")).data;
    expect(keys.filter((policy) => !["default", "root"].includes(policy)).sort()).toEqual(
      policies.map(([policy]) => policy).sort(),
    );
    expect(policies.length).toBeGreaterThan(9);
  });

  test("writes the same policies on a cluster, where they are not tried", () => {
    expect(ofCluster.policies).toEqual(matrix.policies);
  });
});

describe.each(policies)("the policy %s", (policy, rules) => {
  test("allows what the matrix says on the path of every rule there is, and denies the rest", () => {
    const expected = paths.map((path) => {
      const allowed = [...capabilitiesAt(rules, path)].sort();
      return [path, allowed.length === 0 ? ["deny"] : allowed] as const;
    });
    const answers = told.get(policy) ?? {};
    for (const [path, allowed] of expected) expect([answers[path]].flat(2).sort(), path).toEqual(allowed);
    // Neither of the two is empty, or the test would prove nothing.
    expect(new Set(expected.map(([, allowed]) => allowed.includes("deny")))).toEqual(new Set([true, false]));
  });

  test("lets a request through and refuses another; the first is refused under every policy without its rule", async () => {
    const own = rules.find((rule) => triedBy(rule) !== null);
    if (own === undefined) throw new Error(`${policy} has no rule that can be tried`);
    expect([200, 204, 400, 404]).toContain(await status(policy, own));
    const foreign = policies.flatMap(([, others]) => others).find((rule) => !allow(rules, rule));
    if (foreign === undefined) throw new Error(`${policy} allows all that any policy does`);
    expect(await status(policy, foreign)).toBe(403);
    const without = policies.filter(([, others]) => !allow(others, own));
    for (const [other] of without) expect(await status(other, own), other).toBe(403);
    expect(without.length).toBeGreaterThan(0);
  });
});

test("the stack is destroyed without a trace", async () => {
  const destroy = await dev.stack.destroy();
  expect(destroy.code, destroy.output).toBe(0);
  expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
});
