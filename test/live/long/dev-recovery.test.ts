/**
 * What the dev stack does when something was lost or broken, on a real engine, cluster and Vault. The tests build on
 * each other and run in order. They do not prove anything about Raft, nor about kills in the middle of a run.
 */
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { DevStack, seededPassword, targeting } from "../../support/dev-stack.ts";
import { asRoot, countRootTokens } from "../../support/emergency-root.ts";
import { eventually } from "../../support/live-stack.ts";
import { secretsOf } from "../../support/plaintext.ts";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";
import { vaultAt } from "../../support/vault-client.ts";

/** An address at which nobody answers. */
const nowhere = "http://127.0.0.1:1";

let dev: DevStack;

beforeAll(async () => {
  // More than one share, so that half an attempt is possible.
  const shares = { secretShares: 3, secretThreshold: 2 };
  dev = await DevStack.create("live-recovery", { vault: 30234, webApp: 30235 }, shares);
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
});

afterAll(async () => {
  await dev.remove();
});

describe("a running dev stack", () => {
  test("is unsealed by up although somebody began to unseal it by hand", async () => {
    const { clusterId } = await dev.vault();
    const { shares } = await secretsOf(dev.stack, seededPassword);
    await dev.restartVault();
    await dev.podRequest("sys/unseal", { key: shares[2] });
    expect((await dev.sealStatus()).progress).toBe(1);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect((await dev.vault()).clusterId).toBe(clusterId);
  });

  test("takes back what was changed by hand with up --refresh", async () => {
    const admin = await dev.admin();
    await admin.request("PUT", "sys/policies/acl/webapp", {
      policy: 'path "secret/*" { capabilities = ["read", "list"] }',
    });
    const preview = await dev.stack.preview("--refresh", "--run-program", "--expect-no-changes");
    expect(preview.code).not.toBe(0);
    const up = await dev.stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    const policy = JSON.stringify(await admin.request("GET", "sys/policies/acl/webapp"));
    expect(policy).toContain("secret/data/webapp/config");
    expect(policy).not.toContain("list");
  });

  test("lets the second mount's role log in with its audience, and no token for another audience or account", async () => {
    const { address } = await dev.vault();
    const token = async (namespace: string, account: string, audience: string): Promise<string> =>
      (await dev.stack.kubectl("-n", namespace, "create", "token", account, "--audience", audience)).trim();
    const right = await token(dev.demoAppNamespace, "demo-static-app", "vault");
    const client = vaultAt(address, await vaultAt(address).loginKubernetes("demo-auth-mount", "role1", right));
    expect(Object.keys(await client.readKv("secret", "webapp/config"))).toEqual(["password", "username"]);
    expect(await client.status("GET", "secret/data/webapp/other")).toBe(403);
    expect(await client.status("PUT", "secret/data/webapp/config", { data: { username: "x" } })).toBe(403);
    for (const wrong of [
      await token(dev.demoAppNamespace, "demo-static-app", "https://kubernetes.default.svc.cluster.local"),
      await token(dev.webAppNamespace, "webapp", "vault"),
    ]) {
      const answer = await vaultAt(address).status("POST", "auth/demo-auth-mount/login", { role: "role1", jwt: wrong });
      expect([400, 403]).toContain(answer);
    }
  });

  test("ignores what the environment and the home of whoever runs it say of another cluster, Vault or Postgres", async () => {
    const kubeconfig = await dev.stack.kubectl("config", "view", "--raw");
    const elsewhere = stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "elsewhere",
      clusters: [{ name: "elsewhere", cluster: { server: nowhere, "insecure-skip-tls-verify": true } }],
      users: [{ name: "elsewhere", user: { token: "somebody-elses-token" } }],
      contexts: [{ name: "elsewhere", context: { cluster: "elsewhere", user: "elsewhere", namespace: "elsewhere" } }],
    });
    const home = temporaryFolder({
      ".vault-token": "hvs.not-a-token-of-this-vault",
      ".pgpass": "*:*:*:*:not-a-password-of-this-database",
      ".pg_service.conf": "[elsewhere]\nhost=127.0.0.1\nport=1\n",
      "elsewhere.yaml": elsewhere,
      "stack.yaml": kubeconfig,
    });
    const hostile = {
      HOME: home,
      KUBECONFIG: [join(home, "elsewhere.yaml"), join(home, "stack.yaml")].join(delimiter),
      ...{ VAULT_ADDR: nowhere, VAULT_AGENT_ADDR: nowhere, VAULT_TOKEN: "hvs.wrong" },
      ...{ VAULT_CACERT: join(home, "absent.pem"), VAULT_MAX_RETRIES: "0" },
      ...{ PGHOST: "127.0.0.1", PGPORT: "1", PGUSER: "nobody", PGPASSWORD: "wrong", PGDATABASE: "elsewhere" },
      ...{ PGSSLMODE: "verify-full", PGSERVICE: "elsewhere", PGOPTIONS: "-c search_path=elsewhere" },
      NODE_ENV: "production",
    };
    const { clusterId } = await dev.vault();
    // Without a name the program takes the context in use, as kubectl does: that is not to be ignored.
    await dev.stack.set("kubeContext", "vaultstack-sandbox");
    await dev.restartVault();
    await dev.stack.withEnvironment(hostile, async () => {
      for (const run of [
        await dev.stack.up(),
        await dev.stack.refresh("--expect-no-changes"),
        await dev.stack.up("--refresh", "--run-program", "--expect-no-changes"),
        await dev.stack.preview("--refresh", "--run-program", "--expect-no-changes"),
      ]) {
        expect(run.code, run.output).toBe(0);
      }
    });
    expect((await dev.vault()).clusterId).toBe(clusterId);
    expect(await dev.page()).toBe(`password: ${seededPassword}\nusername: static-user\n`);
  });

  test("makes itself a new login when its own was deleted, by way of a root token that is dead afterwards", async () => {
    const admin = await dev.admin();
    await admin.request("DELETE", "sys/auth/approle-pulumi");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    const { address } = await dev.vault();
    const { shares } = await secretsOf(dev.stack, seededPassword);
    expect(await asRoot(address, shares, countRootTokens)).toBe(1);
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("adopts everything after its state was lost, keeps what applications wrote, and initialises nothing", async () => {
    const { clusterId } = await dev.vault();
    await (
      await dev.admin()
    ).writeKv("secret", "webapp/config", { username: "changed", password: "by-its-application" });
    const keys = await dev.keys();
    await dev.stack.loseState();
    const refused = await dev.stack.up();
    expect(refused.code).not.toBe(0);
    expect(await dev.keys()).toBe(keys);
    const up = await dev.adoptWhatExists();
    expect(up.code, up.output).toBe(0);
    // The consent itself was a setting of the cluster's provider; taking it back is the one change that is left.
    expect((await dev.stack.up()).output).toMatch(/~ 1 updated\n/);
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
    // Objects are edited as before the loss: nobody else owns their fields.
    for (const port of ["0", "30234"]) {
      await dev.stack.set("nodePort", port);
      const edited = await dev.stack.up();
      expect(edited.code, edited.output).toBe(0);
    }
    expect((await dev.vault()).clusterId).toBe(clusterId);
    expect(await dev.page()).toBe("password: by-its-application\nusername: changed\n");
  });

  test("initialises nothing after its init resource was removed from the state", async () => {
    const { clusterId } = await dev.vault();
    const { state } = await dev.stack.exportState();
    const doomed = state.resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/vault:Init"));
    // The engine lets go of a resource only together with what depends on it: here, of all that is inside Vault.
    for (const { urn } of doomed) await dev.stack.deleteFromState(urn);
    await dev.stack.set("adoptExisting", "true");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    await dev.stack.unset("adoptExisting");
    expect((await dev.vault()).clusterId).toBe(clusterId);
  });

  test("stops in preview and up when its volume was lost, names two ways out, and leaves keys and Vault alone", async () => {
    const keys = await dev.keys();
    await dev.loseVolume();
    for (const run of [await dev.stack.preview(), await dev.stack.up()]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain("is empty: no pod is initialised");
      expect(run.output).toContain("docs/runbooks/lost-volume.md");
      expect(run.output).toMatch(/ways out:\s+1\. restore[^]*2\. start empty/);
    }
    expect(await dev.keys()).toBe(keys);
    expect((await dev.sealStatus()).initialized).toBe(false);
  });

  test("starts over after a lost volume only by consent, and keeps the old keys beside the new ones", async () => {
    const keys = await dev.keys();
    await dev.stack.set("allowReinitialize", "true");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    await dev.stack.unset("allowReinitialize");
    // Vault is empty now, which the state does not know yet.
    const filled = await dev.stack.up("--refresh", "--run-program");
    expect(filled.code, filled.output).toBe(0);
    expect(await dev.keys()).not.toBe(keys);
    const archives = await dev.stack.kubectl("-n", dev.namespace, "get", "secrets", "-o", "name");
    expect(archives.split("\n").filter((name) => name.startsWith("secret/vault-keys-"))).toHaveLength(1);
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
    const secrets = await secretsOf(dev.stack, seededPassword);
    await expect(secrets.login((await dev.vault()).address)).resolves.toMatch(/^hvs\./);
  });
});

describe("a Vault that somebody else initialised", () => {
  test("is refused, untouched", async () => {
    await dev.stack.destroy();
    await eventually("the volumes are gone", async () => (await dev.volumes()).length === 0);
    // Everything up to the pod, so that a person can be quicker than the protocol. The engine then complains about the
    // rest.
    await dev.stack.upAtOnce(...targeting("vault-namespace", "VaultServer**"));
    await eventually("the pod answers", async () => !(await dev.sealStatus()).initialized);
    await dev.podRequest("sys/init", { secret_shares: 1, secret_threshold: 1 });
    const up = await dev.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("was not initialised by this stack");
    expect(up.output).toContain("docs/runbooks/foreign-vault.md");
    expect(await dev.stack.kubectl("-n", dev.namespace, "get", "secret", "vault-keys", "--ignore-not-found")).toBe("");
  });
});
