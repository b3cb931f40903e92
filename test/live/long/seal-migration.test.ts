/**
 * Vault's root key is moved from shares to a transit seal and back, each by an edit with consent and one `up`. The
 * tests build on each other and run in order. They do not prove it for several nodes, or for the seals of clouds.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { eventually, LiveStack } from "../../support/live-stack.ts";
import { TransitVault } from "../../support/transit-vault.ts";
import { vaultAt } from "../../support/vault-client.ts";

const page = `password: ${seededPassword}\nusername: static-user\n`;
const sealStatus = z.object({ type: z.string(), recovery_seal: z.boolean(), cluster_id: z.string() });

let dev: DevStack;
let transit: TransitVault;
let helper: LiveStack;
let clusterId: string;
let keys: string | undefined;

beforeAll(async () => {
  helper = await LiveStack.create("ll-move-helper", {});
  transit = await TransitVault.start(helper, "ll-move-transit", 30371);
  dev = await DevStack.create("ll-move", { vault: 30364, webApp: 30365 }, { secretShares: 3, secretThreshold: 2 });
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
  ({ clusterId } = await dev.vault());
  keys = (await dev.keysRecord())?.keysFingerprint;
});

afterAll(async () => {
  await dev.remove();
  await transit.remove();
  helper.forget();
});

async function setSeals(seal: object, previousSeal: object): Promise<void> {
  await dev.stack.setObject("seal", seal);
  await dev.stack.setObject("previousSeal", previousSeal);
}

async function status(): Promise<z.infer<typeof sealStatus>> {
  const { address } = await dev.vault();
  return sealStatus.parse(await vaultAt(address).request("GET", "sys/seal-status"));
}

async function restart(): Promise<void> {
  await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--wait");
}

describe("the root key of a Vault", () => {
  const shamir = { kind: "shamir" };
  const transitSeal = () => transit.seal;

  test("stays where it is when the seal is edited without consent", async () => {
    await setSeals(transitSeal(), { kind: "none" });
    await dev.stack.setSecret('sealCredentials["VAULT_TOKEN"]', await transit.makeToken());
    const up = await dev.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("docs/runbooks/seal-change.md");
    expect(await dev.page()).toBe(page);
  });

  test("is moved from shares to another Vault's key, with the same cluster, keys and data", async () => {
    await setSeals(transitSeal(), shamir);
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await status()).toEqual({ type: "transit", recovery_seal: true, cluster_id: clusterId });
    expect((await dev.keysRecord())?.keysFingerprint).toBe(keys);
    expect(await dev.page()).toBe(page);
  });

  test("opens Vault by itself from then on, and nothing is left to change once the consent is removed", async () => {
    await setSeals(transitSeal(), { kind: "none" });
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
    await restart();
    await eventually("the web app shows its secret again", async () => (await dev.page()) === page, 120);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("is moved back to shares, which are the same as before", async () => {
    await setSeals(shamir, transitSeal());
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await status()).toEqual({ type: "shamir", recovery_seal: false, cluster_id: clusterId });
    await setSeals(shamir, { kind: "none" });
    await dev.stack.unset("sealCredentials");
    const without = await dev.stack.up();
    expect(without.code, without.output).toBe(0);
    await transit.remove();
    await restart();
    await eventually("the new pod answers, sealed", async () => (await dev.sealStatus()).sealed);
    const healed = await dev.stack.up();
    expect(healed.code, healed.output).toBe(0);
    expect((await status()).cluster_id).toBe(clusterId);
    expect((await dev.keysRecord())?.keysFingerprint).toBe(keys);
    expect(await dev.page()).toBe(page);
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("is destroyed with its Vault", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
  });
});
