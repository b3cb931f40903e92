/**
 * Agents and jobs on a cluster, over TLS: what the tests of both on one server leave open, and no more. The sandbox
 * enforces no network policies, so that the issuer is reached by the policy's leave is not proved.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { seededPassword } from "../../support/dev-stack.ts";
import { HaStack } from "../../support/ha-stack.ts";
import { TokenIssuer } from "../../support/token-issuer.ts";
import { vaultAt } from "../../support/vault-client.ts";

const platform = "ag-ha-platform";
const loginAnswer = z.object({
  auth: z.object({ client_token: z.string(), token_policies: z.array(z.string()) }),
});
const outputs = z.object({ agentAuthPath: z.string(), agentRoleIds: z.array(z.string()), jwtAuthPath: z.string() });

let ha: HaStack;
let issuer: TokenIssuer;
let address: string;

beforeAll(async () => {
  issuer = await TokenIssuer.create();
  await issuer.start();
  const { url, caCertificate } = issuer;
  const role = { audiences: ["vault"], subject: "repo:shop/app", secrets: ["webapp/config"] };
  ha = await HaStack.create(
    "ag-ha",
    { vault: 31332, webApp: 31333 },
    {
      agents: {
        one: { issuer: { namespace: platform, serviceAccount: "starter" }, secrets: ["webapp/config"] },
      },
      jwt: {
        kind: "issuer",
        issuer: { kind: "discovery", url, caCertificate },
        algorithms: ["ES256"],
        roles: { deploy: role },
      },
    },
  );
  await ha.stack.kubectl("create", "namespace", platform);
  await ha.stack.kubectl("-n", platform, "create", "serviceaccount", "starter");
  const up = await ha.stack.up();
  expect(up.code, up.output).toBe(0);
  await ha.trust();
  ({ address } = await ha.dev.vault());
});

afterAll(async () => {
  issuer.stop();
  await ha.stack.kubectl("delete", "namespace", platform, "--ignore-not-found", "--wait");
  await ha.remove();
});

async function loginBy(path: string, body: object): Promise<string> {
  const { auth } = loginAnswer.parse(await vaultAt(address).request("POST", `auth/${path}/login`, body));
  return auth.client_token;
}

describe("a cluster", () => {
  test("hands an agent's secret id out wrapped, and lets it in once", async () => {
    const jwt = (await ha.stack.kubectl("-n", platform, "create", "token", "starter", "--audience=vault")).trim();
    const starter = await vaultAt(address).loginKubernetes("workloads", "secret-id-issuer-one", jwt);
    const { wrap_info } = z
      .object({ wrap_info: z.object({ token: z.string() }) })
      .parse(await vaultAt(address, starter, "60s").request("POST", "auth/agents/role/one/secret-id"));
    const { data } = z
      .object({ data: z.object({ secret_id: z.string() }) })
      .parse(await vaultAt(address, wrap_info.token).request("POST", "sys/wrapping/unwrap"));
    expect(await vaultAt(address, wrap_info.token).status("POST", "sys/wrapping/unwrap")).toBe(400);
    const { agentAuthPath, agentRoleIds } = outputs.parse(await ha.stack.outputs());
    const body = { role_id: agentRoleIds[0], secret_id: data.secret_id };
    const agent = vaultAt(address, await loginBy(agentAuthPath, body));
    expect((await agent.readKv("secret", "webapp/config"))["password"]).toBe(seededPassword);
    expect(await vaultAt(address).status("POST", "auth/agents/login", body)).toBe(400);
  });

  test("takes tokens of the issuer, and no other ones", async () => {
    const { jwtAuthPath } = outputs.parse(await ha.stack.outputs());
    const claims = { aud: "vault", sub: "repo:shop/app" };
    const job = vaultAt(address, await loginBy(jwtAuthPath, { role: "deploy", jwt: issuer.token(claims) }));
    expect((await job.readKv("secret", "webapp/config"))["password"]).toBe(seededPassword);
    const foreign = { role: "deploy", jwt: issuer.token(claims, { foreignKey: true }) };
    expect(await vaultAt(address).status("POST", "auth/jwt/login", foreign)).toBe(400);
    const allowed = ["-n", ha.namespace, "get", "networkpolicy", "vault-to-issuer", "-o", "jsonpath={.spec.egress}"];
    expect(await ha.stack.kubectl(...allowed)).toContain(new URL(issuer.url).port);
  });

  test("has nothing to change after it, and is destroyed without a trace", async () => {
    const preview = await ha.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    const destroy = await ha.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await ha.stack.kubectl("get", "namespace", ha.namespace, "--ignore-not-found")).toBe("");
  });
});
