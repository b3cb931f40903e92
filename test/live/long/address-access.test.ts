/**
 * The dev stack over an address instead of a tunnel, and what is seen of it while its Vault is sealed. The tests build
 * on each other and run in order. They do not prove anything about an ingress or TLS: the address is a node port of the
 * sandbox.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";

const vaultPort = 30254;
const page = `password: ${seededPassword}\nusername: static-user\n`;

let dev: DevStack;

beforeAll(async () => {
  const access = { kind: "address", url: `http://127.0.0.1:${vaultPort}` };
  dev = await DevStack.create("live-address", { vault: vaultPort, webApp: 30255 }, { access });
});

afterAll(async () => {
  await dev.remove();
});

/** Every resource in the state, as `<type> <id>`. */
async function known(): Promise<string[]> {
  const { state } = await dev.stack.exportState();
  return state.resources.map(({ urn, id }) => `${urn} ${id ?? ""}`).sort();
}

describe("the dev stack with an address", () => {
  test("comes up from nothing although the address leads nowhere before Vault is unsealed", async () => {
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await dev.page()).toBe(page);
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("is refreshed although an audit device was taken away, and up brings it back", async () => {
    await (await dev.admin()).request("DELETE", "sys/audit/file");
    const refresh = await dev.stack.refresh();
    expect(refresh.code, refresh.output).toBe(0);
    expect(refresh.output).toMatch(/- 1 deleted\n/);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(up.output).toMatch(/\+ 1 created\n/);
  });
});

describe("while Vault is sealed", () => {
  test("a preview promises an unseal and threatens no secret", async () => {
    await dev.restartVault();
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/~.*vault:Unseal/);
    expect(preview.output).not.toMatch(/to (replace|delete|create)\n/);
    expect(preview.output).toContain("what lives inside it is compared with what the last run made");
  });

  test("a refresh and its preview say to run up first, and drop nothing from the state", async () => {
    const before = await known();
    const outputs = await dev.stack.outputs();
    for (const run of [await dev.stack.previewRefresh(), await dev.stack.refresh()]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain("does not serve, so what lives inside it cannot be looked at; run `up` first");
      expect(run.output).not.toMatch(/registration isn't pending|serializing|to delete|deleted/);
      expect(await known()).toEqual(before);
      expect(await dev.stack.outputs()).toEqual(outputs);
    }
  });

  test("an up that refreshes first unseals on its way, and is done when the address leads to Vault again", async () => {
    const before = await known();
    const up = await dev.stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    expect((await fetch(`http://127.0.0.1:${vaultPort}/v1/sys/health`)).status).toBe(200);
    expect(await dev.page()).toBe(page);
    expect(await known()).toEqual(before);
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("the stack is destroyed without a trace", async () => {
    await dev.restartVault();
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await known()).toEqual([]);
    expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
  });
});
