/**
 * A running stack whose state, keys, login or environment somebody damaged, on a real engine, cluster and Vault. The
 * tests build on each other and run in order. They do not prove anything about a state whose backend is broken.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { asRoot, countRootTokens } from "../../support/emergency-root.ts";
import { upHeld } from "../../support/held-run.ts";
import type { EngineRun } from "../../support/live-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";

const checkpoint = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(z.looseObject({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() })),
  }),
});

let dev: DevStack;

beforeAll(async () => {
  const shares = { secretShares: 3, secretThreshold: 2 };
  dev = await DevStack.create("lb-state", { vault: 30359, webApp: 0 }, shares);
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
});

afterAll(async () => {
  await dev.remove();
});

/** Edits the outputs of one dynamic resource in the state, as with `pulumi stack export` and `import`. */
async function editOutputs(name: string, edit: (outputs: Record<string, unknown>) => void): Promise<void> {
  const state = checkpoint.parse(JSON.parse((await dev.stack.exportState()).text));
  const found = state.deployment.resources.find(({ type }) => type === `pulumi-nodejs:dynamic/vault:${name}`);
  if (found?.outputs === undefined) throw new Error(`no ${name} in the state`);
  edit(found.outputs);
  await dev.stack.importState(JSON.stringify(state));
}

/** The same Vault with the same keys, and a stack that is as declared. */
async function expectUnharmed(work: () => Promise<EngineRun>): Promise<void> {
  const [keys, { clusterId }] = [await dev.keysRecord(), await dev.vault()];
  const run = await work();
  expect(run.code, run.output).toBe(0);
  expect(await dev.keysRecord()).toEqual(keys);
  expect((await dev.vault()).clusterId).toBe(clusterId);
  const preview = await dev.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
}

function expectStopped({ code, output }: EngineRun, runbook: string): void {
  expect(code, output).not.toBe(0);
  expect(output).toContain(`docs/runbooks/${runbook}.md`);
}

describe("a state", () => {
  test("whose stored code of the dynamic resources is missing is mended by up, and can then be refreshed", async () => {
    for (const name of ["Init", "Unseal", "AdminAccess"]) {
      await editOutputs(name, (outputs) => delete outputs["__provider"]);
    }
    await expectUnharmed(() => dev.stack.up());
    const refresh = await dev.stack.refresh();
    expect(refresh.code, refresh.output).toBe(0);
  });

  test("that lost outputs gets them back, and a lost login is made anew", async () => {
    await editOutputs("Unseal", (outputs) => {
      delete outputs["clusterId"];
      delete outputs["sealedNodes"];
    });
    await editOutputs("AdminAccess", (outputs) => delete outputs["secretId"]);
    await expectUnharmed(() => dev.stack.up());
  });

  test("that names other keys than the Secret holds stops, and is mended by the refresh the runbook names", async () => {
    await editOutputs("Init", (outputs) => (outputs["keysFingerprint"] = "sha256:0000"));
    expectStopped(await dev.stack.preview(), "wrong-shares");
    expectStopped(await dev.stack.up(), "wrong-shares");
    const refresh = await dev.stack.refresh();
    expect(refresh.code, refresh.output).toBe(0);
    await expectUnharmed(() => dev.stack.up());
  });

  test("restored from before the login was made anew is brought up to date, with another new login", async () => {
    const { text } = await dev.stack.exportState();
    await (await dev.admin()).request("DELETE", "sys/auth/approle-pulumi");
    await expectUnharmed(() => dev.stack.up());
    await dev.stack.importState(text);
    await expectUnharmed(() => dev.stack.up());
  });

  test("cannot be opened with a wrong passphrase, and stays as it is", async () => {
    const { text } = await dev.stack.exportState();
    const folder = temporaryFolder({ passphrase: "not-the-passphrase" });
    const run = await dev.stack.withEnvironment({ PULUMI_CONFIG_PASSPHRASE_FILE: `${folder}/passphrase` }, () =>
      dev.stack.up(),
    );
    expect(run.code).not.toBe(0);
    expect(run.output).toContain("incorrect passphrase");
    expect((await dev.stack.exportState()).text).toBe(text);
  });
});

describe("the keys Secret of a sealed Vault", () => {
  test.each([
    ["half written", (text: string) => text.slice(0, text.length / 2)],
    ["with a share there twice", doubled],
    ["with garbage for a share", (text: string) => text.replace(/"message":\s*"....../, '"message":"!!!!!!')],
    ["edited", (text: string) => text.replace(/"secretThreshold":\s*2/, '"secretThreshold":1')],
  ])("%s stops preview and up, is not overwritten, and no share is sent; restored, it unseals", async (_name, edit) => {
    await dev.restartVault();
    const before = (await dev.storedKeys()) ?? "";
    await dev.editStoredKeys(edit);
    const damaged = await dev.storedKeys();
    expect(damaged).not.toBe(before);
    for (const run of [await dev.stack.preview(), await dev.stack.up()]) expectStopped(run, "damaged-keys");
    expect(await dev.storedKeys()).toBe(damaged);
    expect(await dev.sealStatus()).toMatchObject({ sealed: true, progress: 0 });
    await dev.editStoredKeys(() => before);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
  });
});

describe("the keys Secret of a sealed Vault", () => {
  test("with well-formed shares of another set stops, is not overwritten, and no half attempt is left; restored, it unseals", async () => {
    const former = await dev.keysSecret();
    await dev.stack.set("keysGeneration", "2");
    const rekey = await dev.stack.up();
    expect(rekey.code, rekey.output).toBe(0);
    const present = await dev.keysSecret();
    await dev.restartVault();
    await dev.restoreKeysSecret(former);
    // A preview sends no share, so that they do not fit is seen by an up only.
    expectStopped(await dev.stack.up(), "wrong-shares");
    const refreshed = await dev.stack.refresh();
    expect(refreshed.code).not.toBe(0);
    expectStopped(await dev.stack.up(), "wrong-shares");
    expect(await dev.keysSecret()).toBe(former);
    expect(await dev.sealStatus()).toMatchObject({ sealed: true, progress: 0 });
    await dev.restoreKeysSecret(present);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await dev.keysSecret()).toBe(present);
  });
});

describe("Pulumi's login", () => {
  test("is not rebuilt over somebody else's generate-root, which is left alone; cancelled by a person, up goes on", async () => {
    await (await dev.admin()).request("DELETE", "sys/auth/approle-pulumi");
    await dev.podRequest("sys/generate-root/attempt", {});
    expectStopped(await dev.stack.up(), "foreign-operation");
    const { address } = await dev.vault();
    const vault = await fetch(`${address}/v1/sys/generate-root/attempt`);
    expect(await vault.json()).toMatchObject({ started: true });
    await fetch(`${address}/v1/sys/generate-root/attempt`, { method: "DELETE" });
    await expectUnharmed(() => dev.stack.up());
  });

  test("that is revoked during a run fails that run, and the next one makes a new login", async () => {
    await (await dev.admin()).request("DELETE", "sys/auth/approle-pulumi");
    const afterProof = { protocol: "admin-access", step: "revoke-root", moment: "after" } as const;
    const run = await upHeld(dev.stack, afterProof, "--refresh", "--run-program");
    const { address } = await dev.vault();
    const { shares } = await secretsOf(dev.stack, seededPassword);
    await asRoot(address, shares, (root) => root.request("DELETE", "sys/auth/approle-pulumi"));
    run.goOn();
    const failed = await run.done;
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(
      /approle-pulumi[^\n]*(?:no handler for route|permission denied|unsupported path|got 40[034])/,
    );
    await expectUnharmed(() => dev.stack.up());
    expect(await asRoot(address, shares, countRootTokens)).toBe(1);
  });

  test("of a stack that is destroyed need not work", async () => {
    await (await dev.admin()).request("DELETE", "sys/auth/approle-pulumi");
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
  });
});

test("no secret stands in process arguments while a run is under way, nor where others may read afterwards", async () => {
  const { values } = await secretsOf(dev.stack, seededPassword);
  await dev.restartVault();
  const seen = new Set<string>();
  const watch = setInterval(() => {
    for (const { command } of dev.stack.processes()) seen.add(command);
  }, 50);
  const up = await dev.stack.up("--refresh", "--run-program");
  clearInterval(watch);
  expect(up.code, up.output).toBe(0);
  expect(seen.size).toBeGreaterThan(5);
  const places = { ...(await dev.readablePlaces()), "process arguments": [...seen].join("\n") };
  expect(plaintextHits(places, values)).toEqual([]);
});

function doubled(text: string): string {
  const record = JSON.parse(text) as { shares: object[] };
  return JSON.stringify({ ...record, shares: [record.shares[0], record.shares[0], record.shares[2]] });
}
