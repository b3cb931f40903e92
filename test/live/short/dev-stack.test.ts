/**
 * The dev stack through its whole life on a real engine, cluster and Vault. The tests of this file build on each other
 * and run in order. They do not prove anything about TLS, Raft or a cluster with a policy-enforcing network.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { asRoot, countRootTokens } from "../../support/emergency-root.ts";
import { eventually } from "../../support/live-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";
import { superuserOf } from "../../support/postgres-client.ts";

const init = /[+~-].*vault:Init\b/;

let dev: DevStack;
let clusterId: string;

beforeAll(async () => {
  dev = await DevStack.create("live-dev", { vault: 30214, webApp: 30215 });
});

afterAll(async () => {
  await dev.remove();
});

describe("the dev stack", () => {
  test("is previewed before anything exists", async () => {
    const preview = await dev.stack.preview();
    expect(preview.output).toContain("to create");
    expect(preview.code).toBe(0);
  });

  test("names every faulty setting at once, before anything is contacted", async () => {
    await dev.stack.set("storageSize", "ten");
    await dev.stack.set("secretThreshold", "3");
    await dev.stack.set("namepsace", "vault");
    const preview = await dev.stack.withEnvironment({ KUBECONFIG: "/nonexistent" }, () => dev.stack.preview());
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain("storageSize: must");
    expect(preview.output).toContain("secretThreshold: must");
    expect(preview.output).toContain("namepsace: must");
    for (const key of ["storageSize", "secretThreshold", "namepsace"]) await dev.stack.unset(key);
  });

  test("comes up in one run, to a web app that answers with its secret", async () => {
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await dev.page()).toBe(`password: ${seededPassword}\nusername: static-user\n`);
    ({ clusterId } = await dev.vault());
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("leaves no root token, and no share, token or key in plaintext where others could read it", async () => {
    const { stack, namespace } = dev;
    const secrets = await secretsOf(stack, seededPassword);
    const places = {
      ...(await dev.readablePlaces()),
      "log of the web app": await stack.kubectl("-n", dev.webAppNamespace, "logs", "deployment/webapp"),
    };
    const { password } = await superuserOf(dev);
    expect(plaintextHits(places, { ...secrets.values, "password of Postgres' superuser": password })).toEqual([]);
    const encoded = await stack.kubectl(
      "-n",
      namespace,
      "get",
      "secret",
      "vault-keys",
      "-o",
      "jsonpath={.data.record\\.json}",
    );
    const { rootToken } = z
      .looseObject({ rootToken: z.unknown() })
      .parse(JSON.parse(Buffer.from(encoded, "base64").toString()));
    expect(rootToken).toBeNull();
    expect((await (await dev.admin()).lookupSelf()).policies).toEqual(["default", "pulumi-admin"]);
    const { address } = await dev.vault();
    expect(await asRoot(address, secrets.shares, countRootTokens)).toBe(1);
  });

  test("shows a changed secret without a redeploy, and both audit devices record the read", async () => {
    const { stack } = dev;
    const pods = ["-n", dev.webAppNamespace, "get", "pods", "-o", "jsonpath={.items[*].metadata.uid}"];
    const before = await stack.kubectl(...pods);
    await (
      await dev.admin()
    ).writeKv("secret", "webapp/config", { username: "changed-user", password: "changed-by-the-test" });
    expect(await dev.page()).toBe("password: changed-by-the-test\nusername: changed-user\n");
    expect(await stack.kubectl(...pods)).toBe(before);
    const read = /"operation":"read","path":"secret\/data\/webapp\/config"|"path":"secret\/data\/webapp\/config"/;
    expect(await stack.kubectl("-n", dev.namespace, "logs", "vault-0")).toMatch(read);
    expect(await dev.auditFile()).toMatch(read);
  });

  test("shows a sealed Vault in preview as an update, and up unseals it without initialising anything", async () => {
    const { stack } = dev;
    const keys = await dev.keys();
    await dev.restartVault();
    const preview = await stack.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/~.*vault:Unseal/);
    expect(preview.output).not.toMatch(init);
    const up = await stack.up();
    expect(up.code, up.output).toBe(0);
    expect((await dev.vault()).clusterId).toBe(clusterId);
    expect(await dev.keys()).toBe(keys);
    await eventually("the web app answers", async () => (await dev.page()).includes("changed-user"));
    const again = await stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("is destroyed without a trace", async () => {
    const { stack } = dev;
    expect(await dev.volumes()).toHaveLength(2);
    const destroy = await stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await stack.exportState()).state.resources).toEqual([]);
    for (const name of [dev.namespace, dev.webAppNamespace, dev.demoAppNamespace, dev.postgresNamespace]) {
      expect(await stack.kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
    }
    await eventually("the volumes are gone", async () => (await dev.volumes()).length === 0);
    const bindings = await stack.kubectl("get", "clusterroles,clusterrolebindings", "-o", "name");
    expect(bindings.split("\n").filter((name) => name.includes(dev.namespace))).toEqual([]);
    const second = await stack.destroy();
    expect(second.code, second.output).toBe(0);
  });
});
