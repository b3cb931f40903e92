/**
 * Edits of who holds Vault's keys, on a real engine, cluster and Vault, with people who use gpg and the commands of the
 * operations guide. The tests build on each other and run in order. They do not prove anything about Raft, nor about
 * kills.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";
import { ShareHolder } from "../../support/share-holder.ts";
import { vaultAt } from "../../support/vault-client.ts";

let dev: DevStack;
let alice: ShareHolder;
let bob: ShareHolder;
let carol: ShareHolder;
let clusterId: string;
/** Every share that was ever in use and that the escrow key opens. */
const former: string[] = [];

beforeAll(async () => {
  dev = await DevStack.create("live-rekey", { vault: 30264, webApp: 30265 });
  [alice, bob, carol] = await Promise.all([
    ShareHolder.create("alice"),
    ShareHolder.create("bob"),
    ShareHolder.create("carol"),
  ]);
  await expectUp();
  ({ clusterId } = await dev.vault());
});

afterAll(async () => {
  for (const holder of [alice, bob, carol]) holder.forget();
  await dev.remove();
});

async function expectUp(): Promise<void> {
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
}

async function expectNothingToChange(): Promise<void> {
  const preview = await dev.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
}

/** An `up` that stops because people must give shares; the nonce it names. */
async function upAskingFor(what: string): Promise<string> {
  const up = await dev.stack.up();
  expect(up.code).not.toBe(0);
  expect(up.output).toContain(what);
  expect(up.output).toContain("docs/runbooks/missing-shares.md");
  return /-nonce=([0-9a-f-]{36})/.exec(up.output)?.[1] ?? "";
}

/** Notes the shares in use, to find out later that Vault refuses them and that they are nowhere in plain text. */
async function noteShares(): Promise<void> {
  former.push(...(await secretsOf(dev.stack, seededPassword)).shares);
}

async function setHolders(holders: readonly ShareHolder[], shares: number, threshold: number): Promise<void> {
  await dev.stack.set("custody.kind", "pgp");
  for (const [index, holder] of holders.entries()) {
    await dev.stack.set(`custody.holders[${index}]`, await holder.publicKey());
  }
  await dev.stack.set("secretShares", String(shares));
  await dev.stack.set("secretThreshold", String(threshold));
}

describe("the keys of Vault", () => {
  test("become five by one edit that a preview shows, and the old share opens nothing any more", async () => {
    await noteShares();
    await dev.stack.set("secretShares", "5");
    await dev.stack.set("secretThreshold", "3");
    const preview = await dev.stack.preview("--diff");
    expect(preview.output).toMatch(/~ pulumi-nodejs:dynamic\/vault:Rekey[^]*secretShares\s*: 1 => 5/);
    await expectUp();
    await expectNothingToChange();
    await dev.restartVault();
    // It was enough by itself; now it is one of three at most, and no right one.
    await dev.podRequest("sys/unseal", { key: former[0] });
    expect(await dev.sealStatus()).toMatchObject({ sealed: true, progress: 1 });
    await expectUp();
    expect((await dev.vault()).clusterId).toBe(clusterId);
  });

  test("are replaced by as many when the generation is raised, as after a share became known", async () => {
    await noteShares();
    await dev.stack.set("keysGeneration", "2");
    await expectUp();
    await expectNothingToChange();
    await dev.restartVault();
    for (const share of former.slice(1, 3)) await dev.podRequest("sys/unseal", { key: share });
    await expect(dev.podRequest("sys/unseal", { key: former[3] })).rejects.toThrow();
    await expectUp();
  });

  test("are made for a new escrow key, while the one before still opens the present ones", async () => {
    await noteShares();
    const { code, output } = await dev.stack.runScript("scripts/escrow.ts", "--replace");
    expect(code, output).toBe(0);
    await expectUp();
    await dev.stack.unset("escrowPreviousPrivateKey");
    await expectUp();
    await expectNothingToChange();
    await dev.restartVault();
    await expectUp();
  });

  test("are left alone while somebody else replaces them, and so is that person's rekey", async () => {
    const { address } = await dev.vault();
    const somebody = vaultAt(address);
    await somebody.request("PUT", "sys/rekey/init", { secret_shares: 1, secret_threshold: 1 });
    await dev.stack.set("keysGeneration", "3");
    const up = await dev.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("docs/runbooks/foreign-operation.md");
    const status = await somebody.request("GET", "sys/rekey/init");
    expect(status).toMatchObject({ started: true, n: 1 });
    await somebody.request("DELETE", "sys/rekey/init", { nonce: (status as { nonce: string }).nonce });
    await noteShares();
    await expectUp();
    await expectNothingToChange();
  });
});

describe("people", () => {
  test("take the keys into their hands: the old ones are in use until two of three have shown theirs", async () => {
    await noteShares();
    await setHolders([alice, bob, carol], 3, 2);
    const nonce = await upAskingFor("needs 2 more shares of the new keys");
    await alice.give(dev.stack, "shares of the new keys", nonce);
    await carol.give(dev.stack, "shares of the new keys", nonce);
    await expectUp();
    await expectNothingToChange();
  });

  test("unseal after a restart: up says how many are missing, and goes on once they are given", async () => {
    await dev.restartVault();
    await upAskingFor("needs 2 more shares to unseal pod vault-0");
    await alice.give(dev.stack, "shares to unseal a pod");
    await upAskingFor("needs 1 more share to unseal pod vault-0");
    await bob.give(dev.stack, "shares to unseal a pod");
    await expectUp();
    expect((await dev.vault()).clusterId).toBe(clusterId);
    await expectNothingToChange();
  });

  test("rebuild the stack's lost login with a token that dies in the same run", async () => {
    const admin = await dev.admin();
    await admin.request("DELETE", "sys/auth/approle-pulumi");
    const nonce = await upAskingFor("to make a root token");
    await bob.give(dev.stack, "shares to make a root token", nonce);
    const printed = await carol.give(dev.stack, "shares to make a root token", nonce);
    const encoded = /Encoded Token\s+(\S+)/.exec(printed)?.[1] ?? "";
    await dev.stack.setSecret("encodedRootToken", encoded);
    await expectUp();
    await dev.stack.unset("encodedRootToken");
    await expectUp();
    await expectNothingToChange();
    expect(await dev.page()).toContain(seededPassword);
  });

  test("make room for the stack, which holds one share of three from then on", async () => {
    await dev.stack.unset("custody");
    await setHolders([alice, bob], 3, 2);
    const nonce = await upAskingFor("needs 2 more shares of the keys in use");
    await alice.give(dev.stack, "shares of the keys in use", nonce);
    await bob.give(dev.stack, "shares of the keys in use", nonce);
    const showing = await upAskingFor("needs 1 more share of the new keys");
    await bob.give(dev.stack, "shares of the new keys", showing);
    await expectUp();
    await expectNothingToChange();
    await dev.restartVault();
    await upAskingFor("needs 1 more share to unseal pod vault-0");
    await alice.give(dev.stack, "shares to unseal a pod");
    await expectUp();
  });

  test("give the keys back to the stack, which unseals by itself again", async () => {
    await dev.stack.unset("custody");
    await dev.stack.set("secretShares", "1");
    await dev.stack.set("secretThreshold", "1");
    const nonce = await upAskingFor("needs 1 more share of the keys in use");
    await bob.give(dev.stack, "shares of the keys in use", nonce);
    await expectUp();
    await expectNothingToChange();
    await dev.restartVault();
    await expectUp();
    expect((await dev.vault()).clusterId).toBe(clusterId);
  });
});

test("no share that was ever in use stands in plain text in the state, on the console or in the cluster", async () => {
  await noteShares();
  const objects = await dev.stack.kubectl("-n", dev.namespace, "get", "secrets,configmaps,events,pods", "-o", "yaml");
  const places = {
    state: (await dev.stack.exportState()).text,
    console: dev.stack.transcript,
    objects,
    "log of the pod": await dev.stack.kubectl("-n", dev.namespace, "logs", "vault-0"),
    "audit file": await dev.auditFile(),
  };
  const named = Object.fromEntries(former.map((share, index) => [`share ${index}`, share]));
  expect(former.length).toBeGreaterThan(15);
  expect(plaintextHits(places, named)).toEqual([]);
});
