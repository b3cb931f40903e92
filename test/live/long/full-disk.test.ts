/**
 * Volumes without room, on a real engine, cluster and Vault. They do not prove anything about a slow disk, nor about a volume
 * that its driver takes away.
 */
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { DevStack, serversOnly, vaultOnly } from "../../support/dev-stack.ts";
import { type EngineRun, eventually } from "../../support/live-stack.ts";
import { type SmallDisk, smallDisk } from "../../support/small-disk.ts";

let dev: DevStack;

beforeEach(async () => {
  dev = await DevStack.create("lb-disk", { vault: 30361, webApp: 0 });
});

afterEach(async () => {
  await dev.remove();
});

async function diskAt(claim: string): Promise<SmallDisk> {
  const disk = smallDisk(await dev.volumeFolder(claim), 8);
  onTestFinished(() => {
    disk.remove();
  });
  return disk;
}

function expectUp({ code, output }: EngineRun): void {
  expect(code, output).toBe(0);
}

describe("a data volume without room", () => {
  test("stops the first up with Vault's reason, and the next one initialises once there is room", async () => {
    await dev.stack.upAtOnce(...serversOnly);
    await eventually("the pod answers", async () => !(await dev.sealStatus()).initialized);
    const disk = await diskAt("data-vault-0");
    disk.fill();
    await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--wait");
    const stopped = await dev.stack.upAtOnce(...vaultOnly);
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toContain("no space left on device");
    disk.free();
    expectUp(await dev.stack.upAtOnce(...vaultOnly));
  });
});

describe("an audit volume without room", () => {
  test("does not stop Vault, whose log has the entries meanwhile, and is written again once there is room", async () => {
    expectUp(await dev.stack.up());
    const disk = await diskAt("audit-vault-0");
    await dev.restartVault();
    expectUp(await dev.stack.up());
    disk.fill();
    const admin = await dev.admin();
    const audited = async (name: string): Promise<boolean> => (await dev.auditFile()).includes(`secret/data/${name}"`);
    // The first entries still find a place in the last page of the file.
    const names = Array.from({ length: 16 }, (_, number) => `without-room-${number}`);
    for (const name of names) await admin.writeKv("secret", name, { value: "kept" });
    const [last = ""] = names.slice(-1);
    expect(await audited(last)).toBe(false);
    expect(await dev.stack.kubectl("-n", dev.namespace, "logs", "vault-0")).toContain(`secret/data/${last}"`);
    disk.free();
    await admin.writeKv("secret", "with-room", { value: "kept" });
    expect(await audited("with-room")).toBe(true);
  });
});
