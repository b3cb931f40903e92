/**
 * What is left when a first `up` is killed or interrupted while it initialises Vault, on a real engine, cluster and
 * Vault. Each test begins with nothing. They do not prove anything about a machine that loses power: what it had
 * written stays written here.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { upUntilKeysAre } from "../../support/await-keys.ts";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { eventually } from "../../support/live-stack.ts";

const page = `password: ${seededPassword}\nusername: static-user\n`;

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("live-crash", { vault: 30244, webApp: 30245 });
});

afterEach(async () => {
  const destroy = await dev.stack.destroy();
  expect(destroy.code, destroy.output).toBe(0);
});

afterAll(async () => {
  await dev.remove();
});

async function expectNothingRuns(): Promise<void> {
  await eventually("all processes of the run have ended", () => Promise.resolve(dev.stack.processes().length === 0));
}

/** The next run goes on with what there is: one initialisation by one run in all, and keys that stay as they were. */
async function expectHealed(): Promise<void> {
  const before = await dev.keysRecord();
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
  expect(await dev.inits()).toBe(1);
  expect(await dev.keysRecord()).toEqual(before);
  expect((await dev.vault()).clusterId).not.toBe("");
  expect(await dev.page()).toBe(page);
  expect(dev.stack.processes()).toEqual([]);
}

describe("a first up", () => {
  test("whose engine is killed before Vault is initialised is finished by what it leaves behind, which then ends", async () => {
    const up = await upUntilKeysAre("intent", dev);
    await up.signal("SIGKILL");
    await expectNothingRuns();
    expect((await dev.keysRecord())?.state).toBe("initialized");
    const locked = await dev.stack.up();
    expect(locked.code).not.toBe(0);
    expect(locked.output).toContain("pulumi cancel");
    await dev.stack.cancel();
    await expectHealed();
  });

  test("that is killed with all its processes right after the keys were written goes on with these keys", async () => {
    const up = await upUntilKeysAre("initialized", dev);
    await up.signal("SIGKILL");
    for (const { pid } of dev.stack.processes()) process.kill(pid, "SIGKILL");
    await expectNothingRuns();
    await dev.stack.cancel();
    await expectHealed();
  });

  test("that is interrupted finishes what cannot be undone, saves it and leaves no lock", async () => {
    const up = await upUntilKeysAre("intent", dev);
    await up.signal("SIGINT");
    expect((await up.done).code).not.toBe(0);
    await expectNothingRuns();
    const { state } = await dev.stack.exportState();
    expect(state.resources.map(({ type }) => type)).toContain("pulumi-nodejs:dynamic/vault:Init");
    await expectHealed();
  });
});
