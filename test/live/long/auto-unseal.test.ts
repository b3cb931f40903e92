/**
 * The dev stack with a seal that opens it by itself: the transit engine of a second Vault. The tests build on each
 * other and run in order. They do not prove anything about the seals of clouds, which are rendered and checked only.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { asRoot, countRootTokens } from "../../support/emergency-root.ts";
import { eventually, LiveStack } from "../../support/live-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";
import { TransitVault } from "../../support/transit-vault.ts";
import { vaultAt } from "../../support/vault-client.ts";

const page = `password: ${seededPassword}\nusername: static-user\n`;
const sealStatus = z.object({ type: z.string(), recovery_seal: z.boolean(), n: z.number(), t: z.number() });

let dev: DevStack;
let transit: TransitVault;
let helper: LiveStack;
let token: string;

beforeAll(async () => {
  helper = await LiveStack.create("ll-seal-helper", {});
  transit = await TransitVault.start(helper, "ll-transit", 30370);
  token = await transit.makeToken();
  dev = await DevStack.create(
    "ll-seal",
    { vault: 30362, webApp: 30363 },
    { seal: transit.seal, secretShares: 3, secretThreshold: 2 },
  );
  await dev.stack.setSecret('sealCredentials["VAULT_TOKEN"]', token);
});

afterAll(async () => {
  await dev.remove();
  await transit.remove();
  helper.forget();
});

/** Deletes the pod and returns once its successor runs, whatever Vault in it does. */
async function deletePod(): Promise<void> {
  await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--wait");
}

describe("the dev stack with a transit seal", () => {
  test("comes up from nothing with recovery shares, and is open without any share sent", async () => {
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await dev.page()).toBe(page);
    const { address } = await dev.vault();
    const status = sealStatus.parse(await vaultAt(address).request("GET", "sys/seal-status"));
    expect(status).toEqual({ type: "transit", recovery_seal: true, n: 3, t: 2 });
    expect(await dev.inits()).toBe(1);
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("opens by itself after its pod was deleted, without a run", async () => {
    const { clusterId } = await dev.vault();
    await deletePod();
    await eventually("the web app shows its secret again", async () => (await dev.page()) === page, 90);
    expect((await dev.vault()).clusterId).toBe(clusterId);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("stops with a runbook while its seal cannot be reached, and goes on when it can be", async () => {
    await transit.setReachable(false);
    await deletePod();
    const stopped = await dev.stack.up();
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toContain("docs/runbooks/seal-closed.md");
    await transit.setReachable(true);
    // As the runbook says: deleted, the pod starts at once instead of within minutes.
    await deletePod();
    await eventually("the web app shows its secret again", async () => (await dev.page()) === page, 120);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
  });

  test("refuses another seal before anything is changed, in a preview and in an up", async () => {
    const before = await dev.stack.kubectl("-n", dev.namespace, "get", "statefulset,configmap", "-o", "name");
    await dev.stack.setObject("seal", { kind: "shamir" });
    await dev.stack.unset("sealCredentials");
    for (const run of [await dev.stack.preview(), await dev.stack.up()]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain("is kept by the seal transit, while shamir is asked for");
      expect(run.output).toContain("docs/runbooks/seal-change.md");
    }
    expect(await dev.stack.kubectl("-n", dev.namespace, "get", "statefulset,configmap", "-o", "name")).toBe(before);
    expect(await dev.page()).toBe(page);
    await dev.stack.setObject("seal", transit.seal);
    await dev.stack.setSecret('sealCredentials["VAULT_TOKEN"]', token);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("makes a new login with recovery shares when Pulumi's own was lost", async () => {
    const admin = await dev.admin();
    await admin.request("DELETE", "sys/auth/approle-pulumi");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect((await (await dev.admin()).lookupSelf()).policies).toContain("pulumi-admin");
  });

  test("has its recovery shares replaced by more of them, of which the former make no root token any more", async () => {
    const { shares: former } = await secretsOf(dev.stack, seededPassword);
    await dev.stack.set("secretShares", "5");
    await dev.stack.set("secretThreshold", "3");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    const { address } = await dev.vault();
    const status = sealStatus.parse(await vaultAt(address).request("GET", "sys/seal-status"));
    expect(status).toEqual({ type: "transit", recovery_seal: true, n: 5, t: 3 });
    await expect(asRoot(address, former, countRootTokens)).rejects.toThrow();
    await vaultAt(address).request("DELETE", "sys/generate-root/attempt");
    const { shares } = await secretsOf(dev.stack, seededPassword);
    expect(await asRoot(address, shares, countRootTokens)).toBe(1);
  });

  test("shows the seal's token and the recovery shares nowhere", async () => {
    const places = {
      "the state": (await dev.stack.exportState()).text,
      "what all commands printed": dev.stack.transcript,
      "the audit file": await dev.auditFile(),
      "the configuration and the pods": await dev.stack.kubectl(
        ...["-n", dev.namespace, "get", "all,configmaps,events", "-o", "json"],
      ),
      "the logs of Vault": await dev.stack.kubectl("-n", dev.namespace, "logs", "vault-0"),
      "the keys Secret": await dev.keys(),
    };
    const { values } = await secretsOf(dev.stack, seededPassword);
    expect(plaintextHits(places, { ...values, "token of the seal": token })).toEqual([]);
  });

  test("is destroyed without a trace, while its seal is not asked", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
  });
});
