/**
 * Agents with an AppRole each on a real engine, cluster, Vault and Postgres: how a secret id reaches its agent, what
 * the agent may do, and how it ends. The tests build on each other and run in order. They do not prove anything about a
 * real agent's platform, nor about the official Vault provider.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { blocksOf } from "../../support/operations-guide.ts";
import { plaintextHits } from "../../support/plaintext.ts";
import {
  databaseOf,
  issuedLogins,
  query,
  superuserOf,
  type PostgresLogin,
  type PostgresPlace,
} from "../../support/postgres-client.ts";
import { vaultAt, type VaultClient } from "../../support/vault-client.ts";

const platform = "ag-agents-platform";
const issuerOf = (serviceAccount: string) => ({ namespace: platform, serviceAccount });
const nobodysNetwork = "203.0.113.0/24";
const agents = {
  "agent-1": { issuer: issuerOf("starter-1"), secrets: ["webapp/config"], database: "myapp-db-role" },
  "agent-2": { issuer: issuerOf("starter-2") },
  bound: { issuer: issuerOf("starter-2"), secretId: { boundCidrs: [nobodysNetwork] } },
};
type Agent = keyof typeof agents;

const wrapped = z.object({ wrap_info: z.object({ token: z.string(), ttl: z.number() }) });
const unwrapped = z.object({ data: z.object({ secret_id: z.string(), secret_id_num_uses: z.number() }) });
const loginAnswer = z.object({
  auth: z.object({ client_token: z.string(), lease_duration: z.number(), token_policies: z.array(z.string()) }),
});
const credentials = z.object({
  lease_id: z.string(),
  data: z.object({ username: z.string(), password: z.string() }),
});
const outputs = z.object({
  agentAuthPath: z.string(),
  agentRoles: z.array(z.string()),
  agentRoleIds: z.array(z.string()),
});
const auditEntry = z.looseObject({
  type: z.string(),
  error: z.string().optional(),
  request: z.looseObject({ path: z.string(), remote_address: z.string().optional() }),
});

let dev: DevStack;
let address: string;
let place: PostgresPlace;
let superuser: PostgresLogin;
let roleIds: Readonly<Record<string, string>>;
const handedOut: Record<string, string> = {};

beforeAll(async () => {
  dev = await DevStack.create("ag-agents", { vault: 31300, webApp: 31301 }, { agents });
  await dev.stack.kubectl("create", "namespace", platform);
  for (const name of ["starter-1", "starter-2"]) {
    await dev.stack.kubectl("-n", platform, "create", "serviceaccount", name);
  }
});

afterAll(async () => {
  await dev.stack.kubectl("delete", "namespace", platform, "--ignore-not-found", "--wait");
  await dev.remove();
});

/** Whoever starts the agent, by its own service account. */
async function issuer(agent: Agent): Promise<VaultClient> {
  const { serviceAccount } = agents[agent].issuer;
  const jwt = await dev.stack.kubectl("-n", platform, "create", "token", serviceAccount, "--audience", "vault");
  const role = `secret-id-issuer-${agent}`;
  return vaultAt(address, await vaultAt(address).loginKubernetes("workloads", role, jwt.trim()));
}

/** A token that holds a secret id of the agent for a minute. */
async function wrappedSecretId(agent: Agent): Promise<string> {
  const asked = (await issuer(agent)).wrapping("60s");
  const { wrap_info } = wrapped.parse(await asked.request("POST", `auth/agents/role/${agent}/secret-id`));
  expect(wrap_info.ttl).toBe(60);
  return wrap_info.token;
}

async function unwrap(token: string): Promise<string> {
  const { data } = unwrapped.parse(await vaultAt(address, token).request("POST", "sys/wrapping/unwrap"));
  expect(data.secret_id_num_uses).toBe(1);
  handedOut[`secret id ${Object.keys(handedOut).length}`] = data.secret_id;
  return data.secret_id;
}

function credentialsOf(agent: Agent, secretId: string): { role_id: string; secret_id: string } {
  return { role_id: roleIds[agent] ?? "", secret_id: secretId };
}

async function login(agent: Agent): Promise<{ token: string; client: VaultClient; policies: string[]; ttl: number }> {
  const body = credentialsOf(agent, await unwrap(await wrappedSecretId(agent)));
  const { auth } = loginAnswer.parse(await vaultAt(address).request("POST", "auth/agents/login", body));
  const { client_token: token, token_policies: policies, lease_duration: ttl } = auth;
  return { token, client: vaultAt(address, token), policies, ttl };
}

async function auditEntries(path: string): Promise<z.infer<typeof auditEntry>[]> {
  const lines = (await dev.auditFile()).split("\n").filter((line) => line !== "");
  return lines.map((line) => auditEntry.parse(JSON.parse(line))).filter(({ request }) => request.path === path);
}

describe("a stack with agents", () => {
  test("comes up with an AppRole for each, says where they log in, and makes no secret id", async () => {
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    ({ address } = await dev.vault());
    [place, superuser] = [await databaseOf(dev), await superuserOf(dev)];
    const { agentAuthPath, agentRoles, agentRoleIds } = outputs.parse(await dev.stack.outputs());
    expect([agentAuthPath, agentRoles]).toEqual(["agents", ["agent-1", "agent-2", "bound"]]);
    roleIds = Object.fromEntries(agentRoles.map((role, index) => [role, agentRoleIds[index] ?? ""]));
    expect(new Set(agentRoleIds).size).toBe(3);
    const admin = await dev.admin();
    for (const role of agentRoles) {
      expect(await admin.status("LIST", `auth/agents/role/${role}/secret-id`), role).toBe(404);
    }
  });

  test("has nothing to change after its first up: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });
});

describe("who hands out secret ids", () => {
  test("gets one wrapped, and never for longer than a minute or without a wrapping", async () => {
    const client = await issuer("agent-1");
    const path = "auth/agents/role/agent-1/secret-id";
    expect(await client.status("POST", path)).toBe(403);
    expect(await client.wrapping("61s").status("POST", path)).toBe(403);
    expect(await client.wrapping("60s").status("POST", path)).toBe(200);
  });

  test("may do nothing else: no other agent's, no custom one, no look at what there is, no secret", async () => {
    const client = (await issuer("agent-1")).wrapping("60s");
    for (const [method, path] of [
      ["POST", "auth/agents/role/agent-2/secret-id"],
      ["POST", "auth/agents/role/agent-1/custom-secret-id"],
      ["LIST", "auth/agents/role/agent-1/secret-id"],
      ["GET", "auth/agents/role/agent-1"],
      ["GET", "auth/agents/role/agent-1/role-id"],
      ["GET", "secret/data/agents/agent-1/config"],
      ["GET", "demo-db/creds/myapp-db-role"],
    ] as const) {
      expect(await client.status(method, path), `${method} ${path}`).toBe(403);
    }
  });

  test("is no other account of the cluster", async () => {
    const jwt = await dev.stack.kubectl("-n", platform, "create", "token", "starter-2", "--audience", "vault");
    const body = { role: "secret-id-issuer-agent-1", jwt: jwt.trim() };
    expect(await vaultAt(address).status("POST", "auth/workloads/login", body)).toBe(403);
  });
});

describe("a wrapped secret id", () => {
  test("is unwrapped once; the second attempt is refused, and the audit log tells of it", async () => {
    const token = await wrappedSecretId("agent-1");
    await unwrap(token);
    const before = (await auditEntries("sys/wrapping/unwrap")).length;
    expect(await vaultAt(address, token).status("POST", "sys/wrapping/unwrap")).toBe(400);
    const entries = (await auditEntries("sys/wrapping/unwrap")).slice(before);
    expect(entries.map(({ error }) => error)).toContain("wrapping token is not valid or does not exist");
    expect(entries.every(({ request }) => request.remote_address !== undefined)).toBe(true);
  });

  test("is handed out and used as the guide says", async () => {
    const [fetching = "", using = ""] = blocksOf("Agents").map((block) =>
      block.replaceAll("-n platform create token starter", `-n ${platform} create token starter-1`),
    );
    const environment = { VAULT_ADDR: address };
    const fetched = await dev.stack.withEnvironment(environment, () => dev.stack.shell(`set -e\n${fetching}`));
    expect(fetched.code, fetched.output).toBe(0);
    const given = { ...environment, role_id: roleIds["agent-1"] ?? "", wrapping_token: fetched.output.trim() };
    const used = await dev.stack.withEnvironment(given, () => dev.stack.shell(`set -e\n${using}`));
    expect(used.code, used.output).toBe(0);
    expect(used.output).toContain("lease_id");
  });

  test("logs in once, and not again, nor without the role id that it belongs to", async () => {
    const secretId = await unwrap(await wrappedSecretId("agent-1"));
    const anyone = vaultAt(address);
    const foreign = { role_id: roleIds["agent-2"], secret_id: secretId };
    expect(await anyone.status("POST", "auth/agents/login", foreign)).toBe(400);
    expect(await anyone.status("POST", "auth/agents/login", { role_id: roleIds["agent-1"] })).toBe(400);
    const own = credentialsOf("agent-1", secretId);
    expect(await anyone.status("POST", "auth/agents/login", own)).toBe(200);
    expect(await anyone.status("POST", "auth/agents/login", own)).toBe(400);
  });
});

describe("an agent", () => {
  test("reads its own folder and what is named, and nothing of another agent's", async () => {
    const admin = await dev.admin();
    for (const agent of ["agent-1", "agent-2"]) await admin.writeKv("secret", `agents/${agent}/config`, { of: agent });
    const { client, policies, ttl } = await login("agent-1");
    expect([policies, ttl]).toEqual([["agent-agent-1", "default"], 600]);
    expect(await client.readKv("secret", "agents/agent-1/config")).toEqual({ of: "agent-1" });
    expect((await client.readKv("secret", "webapp/config"))["password"]).toBe(seededPassword);
    for (const [method, path] of [
      ["GET", "secret/data/agents/agent-2/config"],
      ["LIST", "secret/metadata/agents"],
      ["POST", "secret/data/agents/agent-1/config"],
      ["GET", "demo-db/creds/dev-postgres"],
      ["POST", "auth/agents/role/agent-1/secret-id"],
      ["GET", "sys/mounts"],
    ] as const) {
      expect(await client.status(method, path, method === "POST" ? {} : undefined), `${method} ${path}`).toBe(403);
    }
    const other = await login("agent-2");
    expect(await other.client.readKv("secret", "agents/agent-2/config")).toEqual({ of: "agent-2" });
    expect(await other.client.status("GET", "secret/data/agents/agent-1/config")).toBe(403);
    expect(await other.client.status("GET", "demo-db/creds/myapp-db-role")).toBe(403);
  });

  test("uses a login of the database, which is gone from Postgres once its lease is revoked", async () => {
    const { client } = await login("agent-1");
    const { lease_id, data } = credentials.parse(await client.request("GET", "demo-db/creds/myapp-db-role"));
    const [row] = await query(place, data, "SELECT current_user AS who");
    expect(row).toEqual({ who: data.username });
    const admin = await dev.admin();
    await admin.request("PUT", "sys/leases/revoke", { lease_id, sync: true });
    expect(await issuedLogins(place, superuser)).not.toContain(data.username);
    await expect(query(place, data, "SELECT 1")).rejects.toThrow(/authentication failed/);
  });

  test("loses its logins of the database with its token", async () => {
    const { client } = await login("agent-1");
    const { data } = credentials.parse(await client.request("GET", "demo-db/creds/myapp-db-role"));
    expect(await issuedLogins(place, superuser)).toContain(data.username);
    await client.request("POST", "auth/token/revoke-self");
    await expect.poll(() => issuedLogins(place, superuser), { timeout: 30_000 }).not.toContain(data.username);
  });

  test("that is bound to a network logs in from nowhere else, until an edit lets its own in", async () => {
    const refused = credentialsOf("bound", await unwrap(await wrappedSecretId("bound")));
    // Vault takes the attempt for a wrong secret id as far as it tells.
    expect(await vaultAt(address).status("POST", "auth/agents/login", refused)).toBe(400);
    const seen = (await auditEntries("auth/agents/login")).at(-1)?.request.remote_address ?? "";
    await dev.stack.set("agents.bound.secretId.boundCidrs[0]", `${seen}/32`);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect((await login("bound")).policies).toEqual(["agent-bound", "default"]);
  });
});

describe("a stack that has lost its state", () => {
  test("takes the login method over: role ids stay, and what was handed out before is good", async () => {
    const body = credentialsOf("agent-1", await unwrap(await wrappedSecretId("agent-1")));
    await dev.stack.loseState();
    const adopting = await dev.adoptWhatExists();
    expect(adopting.code, adopting.output).toBe(0);
    expect(outputs.parse(await dev.stack.outputs()).agentRoleIds).toEqual(Object.values(roleIds));
    expect(await vaultAt(address).status("POST", "auth/agents/login", body)).toBe(200);
    const next = await dev.stack.up();
    expect(next.code, next.output).toBe(0);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });
});

describe("the end", () => {
  test("has left no secret id in anything that is kept or shown", async () => {
    expect(Object.keys(handedOut).length).toBeGreaterThan(5);
    const places = { ...(await dev.readablePlaces()), "the audit file": await dev.auditFile() };
    expect(plaintextHits(places, handedOut)).toEqual([]);
  });

  test("of one agent is an edit: its login is refused, those of others go on", async () => {
    const secretId = await unwrap(await wrappedSecretId("agent-1"));
    await dev.stack.unset("agents.agent-1");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await vaultAt(address).status("POST", "auth/agents/login", credentialsOf("agent-1", secretId))).toBe(400);
    expect((await login("agent-2")).policies).toEqual(["agent-agent-2", "default"]);
    expect(outputs.parse(await dev.stack.outputs()).agentRoles).toEqual(["agent-2", "bound"]);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("of the setting takes the login method away, and with it what its tokens may", async () => {
    const { client } = await login("agent-2");
    await dev.stack.unset("agents");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await client.status("GET", "secret/data/agents/agent-2/config")).toBe(403);
    const admin = await dev.admin();
    const { data } = z
      .object({ data: z.record(z.string(), z.unknown()) })
      .parse(await admin.request("GET", "sys/auth"));
    expect(Object.keys(data)).not.toContain("agents/");
    const policies = z
      .object({ data: z.object({ keys: z.array(z.string()) }) })
      .parse(await admin.request("LIST", "sys/policies/acl"));
    expect(policies.data.keys.filter((name) => /agent|issuer/.test(name))).toEqual([]);
  });

  test("of the stack leaves no trace", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
  });
});
