/**
 * A cluster of servers with a seal that opens it by itself, the transit engine of another Vault: what it bears without
 * anybody's doing. On a real engine, cluster and Vault. The tests build on each other and run in order. They do not
 * prove anything about the seals of clouds, which are rendered and checked only, nor about a network that enforces
 * policies.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HaStack } from "../../support/ha-stack.ts";
import { eventually, LiveStack } from "../../support/live-stack.ts";
import { TransitVault } from "../../support/transit-vault.ts";
import { patiently } from "../../support/vault-client.ts";

const pods = ["vault-0", "vault-1", "vault-2"];

let ha: HaStack;
let transit: TransitVault;
let helper: LiveStack;
let clusterId: string;
let keys: string;

beforeAll(async () => {
  helper = await LiveStack.create("ll-ha-seal-helper", {});
  transit = await TransitVault.start(helper, "ll-ha-transit", 30372);
  ha = await HaStack.create("ll-ha-seal", { vault: 30373, webApp: 30374 }, { seal: transit.seal });
  await ha.stack.setSecret('sealCredentials["VAULT_TOKEN"]', await transit.makeToken());
});

afterAll(async () => {
  await ha.remove();
  await transit.remove();
  helper.forget();
});

/** The cluster as it was, without a run. */
async function expectHealsByItself(): Promise<void> {
  await eventually(
    "three servers of one cluster vote again",
    async () => (await ha.voters()).join() === pods.join() && (await ha.clusters(pods)).join() === clusterId,
    180,
  );
  await eventually("autopilot finds them healthy", async () => (await ha.health()).healthy, 120);
  const admin = await ha.admin();
  await expect(patiently(() => admin.request("GET", "secret/metadata/kept"))).resolves.toHaveProperty("data");
  expect(await ha.dev.keys()).toBe(keys);
  const preview = await ha.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
}

describe("a cluster with a transit seal", () => {
  test("comes up in one run to three voters, and no share is needed", async () => {
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await ha.voters()).toEqual(pods);
    expect(await ha.inits(pods)).toBe(1);
    clusterId = (await ha.sealStatus("vault-0")).cluster_id ?? "";
    keys = await ha.dev.keys();
    await (await ha.admin()).writeKv("secret", "kept", { value: "before every fault" });
    await expectHealsByItself();
  });

  test("heals by itself when all its pods were lost at once", async () => {
    await ha.restart(pods);
    await expectHealsByItself();
  });

  test("takes a follower back by itself that lost its data", async () => {
    const leader = await ha.leader(pods);
    await ha.loseVolumes([pods.findLast((pod) => pod !== leader) ?? ""]);
    await expectHealsByItself();
  });

  test("takes pod 0 back by itself, and does not initialise it anew, when that lost its data", async () => {
    await ha.loseVolumes(["vault-0"]);
    await expectHealsByItself();
    expect(await ha.inits(["vault-0"])).toBe(0);
  });
});

describe("moving the root key of a cluster", () => {
  test("from the seal to shares keeps cluster and data, and its servers come back sealed from then on", async () => {
    await ha.stack.setObject("previousSeal", transit.seal);
    await ha.stack.setObject("seal", { kind: "shamir" });
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    await ha.stack.unset("previousSeal");
    await ha.stack.unset("sealCredentials");
    const settled = await ha.stack.up();
    expect(settled.code, settled.output).toBe(0);
    expect(await ha.clusters(pods)).toEqual([clusterId]);
    expect(await ha.voters()).toEqual(pods);
    const preview = await ha.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    await ha.restart(pods);
    expect(await Promise.all(pods.map(async (pod) => (await ha.sealStatus(pod)).sealed))).toEqual([true, true, true]);
    const opened = await ha.stack.up();
    expect(opened.code, opened.output).toBe(0);
    expect(await ha.clusters(pods)).toEqual([clusterId]);
  });
});
