/**
 * Volumes without room, on a real engine, cluster and Vault. They do not prove anything about a slow disk, nor about a
 * volume that its driver takes away.
 */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { DevStack, serversOnly, vaultOnly } from "../../support/dev-stack.ts";
import { type EngineRun, eventually } from "../../support/live-stack.ts";
import { type SmallDisk, smallDisk } from "../../support/small-disk.ts";
import type { VaultClient } from "../../support/vault-client.ts";

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

/** Puts a small disk in the place of the data volume of a Vault that nobody has initialised yet. */
async function emptyDataDisk(): Promise<SmallDisk> {
  await dev.stack.upAtOnce(...serversOnly);
  await eventually("the pod answers", async () => !(await dev.sealStatus()).initialized);
  const disk = await diskAt("data-vault-0");
  await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--wait");
  await eventually("its successor answers", async () => !(await dev.sealStatus()).initialized);
  return disk;
}

/** Brings the stack up with a small disk in the place of the audit volume. */
async function upWithAuditDisk(): Promise<SmallDisk> {
  expectUp(await dev.stack.up());
  const disk = await diskAt("audit-vault-0");
  await dev.restartVault();
  expectUp(await dev.stack.up());
  return disk;
}

/** Stops whoever takes the output of Vault's container away, until the test ends or the returned function is called. */
async function stopTakingOutput(): Promise<() => void> {
  const status = readFileSync(`/proc/${await dev.vaultProcess()}/status`, "utf8");
  const shim = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
  expect(readFileSync(`/proc/${shim}/cmdline`, "utf8")).toContain("containerd-shim");
  let isStopped = true;
  const goOn = (): void => {
    // The stack, and the process with it, may be gone when the test has ended.
    if (isStopped) process.kill(shim, "SIGCONT");
    isStopped = false;
  };
  process.kill(shim, "SIGSTOP");
  onTestFinished(goOn);
  return goOn;
}

/** What becomes of a write: its status, or that there was no answer for longer than Vault takes to give up an entry. */
async function writeOf(client: VaultClient, name: string): Promise<number | "no answer"> {
  const answer = client.status("POST", `secret/data/${name}`, { data: { value: name } });
  // Unobserved when it comes too late.
  answer.catch(() => undefined);
  return Promise.race([answer, setTimeout(15_000, "no answer" as const)]);
}

function expectUp({ code, output }: EngineRun): void {
  expect(code, output).toBe(0);
}

describe("a data volume without room", () => {
  test("stops the first up with Vault's reason, and the next one initialises once there is room", async () => {
    const disk = await emptyDataDisk();
    disk.fill();
    await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--wait");
    const stopped = await dev.stack.upAtOnce(...vaultOnly);
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toContain("no space left on device");
    disk.free();
    expectUp(await dev.stack.upAtOnce(...vaultOnly));
  });

  test("of a Vault that runs stops what would write, and leads to Vault's reason; what was written stays, and up goes on once there is room", async () => {
    const disk = await emptyDataDisk();
    expectUp(await dev.stack.up());
    const admin = await dev.admin();
    await admin.writeKv("secret", "kept", { value: "before the disk was full" });
    const { clusterId } = await dev.vault();
    const keys = await dev.keys();
    disk.fill();
    expect(await admin.status("POST", "secret/data/lost", { data: { value: "x".repeat(8192) } })).toBe(500);
    await dev.stack.set("agents.late.issuer.namespace", dev.namespace);
    await dev.stack.set("agents.late.issuer.serviceAccount", "late");
    const stopped = await dev.stack.up();
    expect(stopped.code).not.toBe(0);
    // A login writes a token: Vault refuses one without a reason, and has the reason where the message leads.
    expect(stopped.output).toMatch(/no space left on device|see the log of Vault/);
    expect(await dev.stack.kubectl("-n", dev.namespace, "logs", "vault-0", "-c", "vault", "--since=10m")).toContain(
      "no space left on device",
    );
    disk.free();
    expectUp(await dev.stack.up());
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
    expect((await dev.vault()).clusterId).toBe(clusterId);
    expect(await dev.keys()).toBe(keys);
    await dev.restartVault();
    expectUp(await dev.stack.up());
    const metadata = await (await dev.admin()).request("GET", "secret/metadata/kept");
    expect(metadata).toMatchObject({ data: { current_version: 1 } });
    expect(await (await dev.admin()).status("GET", "secret/metadata/lost")).toBe(404);
  });
});

describe("an audit volume without room", () => {
  test("does not stop Vault, whose log has the entries meanwhile, and is written again once there is room", async () => {
    const disk = await upWithAuditDisk();
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

  test("stops Vault when nobody takes its log away either: nothing is done that no device has, and all goes on afterwards", async () => {
    const disk = await upWithAuditDisk();
    const admin = await dev.admin();
    disk.fill();
    const takeOutput = await stopTakingOutput();
    const written: string[] = [];
    let refused: number | "no answer" = 200;
    // The pipe between the two holds some entries.
    for (let number = 0; refused === 200 && number < 200; number++) {
      refused = await writeOf(admin, `unheard-${number}`);
      if (refused === 200) written.push(`unheard-${number}`);
    }
    process.stdout.write(`with no audit device left: ${refused} after ${written.length} writes\n`);
    expect([500, "no answer"]).toContain(refused);
    expect([500, "no answer"]).toContain(await writeOf(admin, "unheard-last"));
    takeOutput();
    disk.free();
    await admin.writeKv("secret", "heard", { value: "kept" });
    const log = await dev.stack.kubectl("-n", dev.namespace, "logs", "vault-0");
    const unheard = written.filter((name) => !log.includes(`secret/data/${name}"`));
    expect(unheard).toEqual([]);
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });
});
