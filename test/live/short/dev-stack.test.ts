/**
 * The dev stack through its whole life on a real engine, cluster and Vault. The tests of this file build on each other and run in
 * order. They do not prove anything about TLS, Raft or a cluster with a policy-enforcing network.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { eventually, LiveStack } from "../../support/live-stack.ts";
import { secretsOf, plaintextHits } from "../../support/plaintext.ts";
import { vaultAt } from "../../support/vault-client.ts";

const namespace = "live-dev";
const webAppNamespace = "live-dev-webapp";
const demoAppNamespace = "live-dev-app";
const nodePort = 30214;
const webAppNodePort = 30215;
const seededPassword = "seeded-by-the-live-test";

let stack: LiveStack;
let clusterId: string;

beforeAll(async () => {
  stack = await LiveStack.create(
    namespace,
    { nodePort, webAppNodePort, webAppNamespace, demoAppNamespace },
    { 'kvSeeds["webapp/config"].username': "static-user", 'kvSeeds["webapp/config"].password': seededPassword },
  );
  await removeLeftovers();
});

afterAll(async () => {
  await removeLeftovers();
  stack.forget();
});

describe("the dev stack", () => {
  test("is previewed before anything exists", async () => {
    const preview = await stack.preview();
    expect(preview.output).toContain("to create");
    expect(preview.code).toBe(0);
  });

  test("comes up in one run, to a web app that answers with its secret", async () => {
    const up = await stack.up();
    expect(up.code, up.output).toBe(0);
    const { webAppUrl, vaultAddress } = await addresses();
    expect(await page(webAppUrl)).toBe(`password: ${seededPassword}\nusername: static-user\n`);
    const status = await vaultAt(vaultAddress).sealStatus();
    expect(status.sealed).toBe(false);
    clusterId = status.cluster_id ?? "";
    expect(clusterId).not.toBe("");
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of [
      await stack.up("--expect-no-changes"),
      await stack.preview("--expect-no-changes"),
      await stack.refresh("--expect-no-changes"),
      await stack.preview("--expect-no-changes"),
    ]) {
      expect(run.code, run.output).toBe(0);
    }
  });

  test("leaves no root token, and no share, token or key in plaintext where others could read it", async () => {
    const secrets = await secretsOf(stack, seededPassword);
    const places = {
      state: (await stack.exportState()).text,
      console: stack.transcript,
      "keys Secret": await stack.kubectl("-n", namespace, "get", "secrets,configmaps,leases,events", "-o", "yaml"),
      "pod logs": await stack.kubectl("-n", namespace, "logs", "vault-0"),
      "web app logs": await stack.kubectl("-n", webAppNamespace, "logs", "deployment/webapp"),
    };
    expect(plaintextHits(places, secrets.values)).toEqual([]);
    const record = await stack.kubectl(
      "-n",
      namespace,
      "get",
      "secret",
      "vault-keys",
      "-o",
      "jsonpath={.data.record\\.json}",
    );
    expect(
      z
        .object({ rootToken: z.null() })
        .loose()
        .parse(JSON.parse(Buffer.from(record, "base64").toString())),
    ).toBeTruthy();
    // The one token this stack can still use is not root's.
    const { vaultAddress } = await addresses();
    const self = await vaultAt(vaultAddress, await secrets.login(vaultAddress)).lookupSelf();
    expect(self.policies).not.toContain("root");
  });

  test("shows a changed secret without a redeploy, and both audit devices record the read", async () => {
    const { webAppUrl, vaultAddress } = await addresses();
    const pods = await podUids(webAppNamespace);
    const secrets = await secretsOf(stack, seededPassword);
    const admin = vaultAt(vaultAddress, await secrets.login(vaultAddress));
    await admin.writeKv("secret", "webapp/config", { username: "changed-user", password: "changed-by-the-live-test" });
    expect(await page(webAppUrl)).toBe("password: changed-by-the-live-test\nusername: changed-user\n");
    expect(await podUids(webAppNamespace)).toEqual(pods);
    const read = '"path":"secret/data/webapp/config"';
    expect(await stack.kubectl("-n", namespace, "logs", "vault-0")).toContain(read);
    expect(await auditFile()).toContain(read);
  });

  test("does not take a changed value of an application back", async () => {
    const preview = await stack.preview("--expect-no-changes", "--refresh", "--run-program");
    expect(preview.code, preview.output).toBe(0);
  });

  test("shows a sealed Vault in preview as an update, and up unseals it without initialising anything", async () => {
    const before = await stack.kubectl("-n", namespace, "get", "secret", "vault-keys", "-o", "jsonpath={.data}");
    const uid = await podUid("vault-0");
    await stack.kubectl("-n", namespace, "delete", "pod", "vault-0", "--wait");
    const { vaultAddress, webAppUrl } = await addresses();
    await eventually("the new pod of Vault is up and sealed", async () => {
      return (await podUid("vault-0")) !== uid && (await sealedByPodProxy());
    });
    const preview = await stack.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/~.*vault:Unseal/);
    expect(preview.output).not.toMatch(/[+~-].*vault:Init\b/);
    const up = await stack.up();
    expect(up.code, up.output).toBe(0);
    const status = await vaultAt(vaultAddress).sealStatus();
    expect(status).toMatchObject({ sealed: false, cluster_id: clusterId });
    expect(await stack.kubectl("-n", namespace, "get", "secret", "vault-keys", "-o", "jsonpath={.data}")).toBe(before);
    await eventually("the web app answers", async () => (await page(webAppUrl)).includes("changed-user"));
    const again = await stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("names every faulty setting at once, before anything is contacted", async () => {
    await stack.set("storageSize", "ten");
    await stack.set("secretThreshold", "3");
    await stack.set("namepsace", "vault");
    const preview = await stack.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain("storageSize: must");
    expect(preview.output).toContain("secretThreshold: must");
    expect(preview.output).toContain("namepsace: must");
    await stack.unset("storageSize");
    await stack.unset("secretThreshold");
    await stack.unset("namepsace");
  });

  test("is destroyed without a trace", async () => {
    const volumes = await volumesOf(namespace);
    expect(volumes).toHaveLength(2);
    const destroy = await stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await stack.exportState()).state.resources).toEqual([]);
    for (const name of [namespace, webAppNamespace, demoAppNamespace]) {
      expect(await stack.kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
    }
    await eventually("the volumes are gone", async () => (await volumesOf(namespace)).length === 0);
    const bindings = await stack.kubectl("get", "clusterroles,clusterrolebindings", "-o", "name");
    expect(bindings.split("\n").filter((name) => name.includes(namespace))).toEqual([]);
    const second = await stack.destroy();
    expect(second.code, second.output).toBe(0);
  });
});

async function addresses(): Promise<{ webAppUrl: string; vaultAddress: string }> {
  return z.object({ webAppUrl: z.url(), vaultAddress: z.url() }).parse(await stack.outputs());
}

/** A sealed pod is no endpoint of its Service, so it is asked through the API server. */
async function sealedByPodProxy(): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespace}/pods/vault-0:8200/proxy/v1/sys/seal-status`;
  return z.object({ sealed: z.boolean() }).parse(JSON.parse(await stack.kubectl("get", "--raw", path))).sealed;
}

/** The audit file as it lies on the node: the container has no program to print it. */
async function auditFile(): Promise<string> {
  const volume = await stack.kubectl(
    "-n",
    namespace,
    "get",
    "pvc",
    "audit-vault-0",
    "-o",
    "jsonpath={.spec.volumeName}",
  );
  const path = await stack.kubectl("get", "pv", volume, "-o", "jsonpath={.spec.local.path}{.spec.hostPath.path}");
  return readFile(`${path}/audit.log`, "utf8");
}

async function page(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function podUid(name: string): Promise<string> {
  return stack.kubectl("-n", namespace, "get", "pod", name, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}");
}

async function podUids(inNamespace: string): Promise<string> {
  return stack.kubectl("-n", inNamespace, "get", "pods", "-o", "jsonpath={.items[*].metadata.uid}");
}

async function volumesOf(claimNamespace: string): Promise<string[]> {
  const template = '{range .items[?(@.spec.claimRef.namespace=="' + claimNamespace + '")]}{.metadata.name}{"\\n"}{end}';
  return (await stack.kubectl("get", "pv", "-o", `jsonpath=${template}`)).split("\n").filter((line) => line !== "");
}

async function removeLeftovers(): Promise<void> {
  await stack.kubectl(
    "delete",
    "namespace",
    namespace,
    webAppNamespace,
    demoAppNamespace,
    "--ignore-not-found",
    "--wait",
  );
  await stack.kubectl("delete", "clusterrolebinding", `${namespace}-vault-server-binding`, "--ignore-not-found");
}
