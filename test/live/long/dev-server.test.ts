/**
 * The dev stack with Vault's development server, which keeps everything in memory, through its whole life. The tests
 * build on each other and run in order. They do not prove that the server is safe to use: it is not.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { eventually } from "../../support/live-stack.ts";

const page = `password: ${seededPassword}\nusername: static-user\n`;

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("live-devserver", { vault: 30244, webApp: 30245 }, { server: "in-memory" });
});

afterAll(async () => {
  await dev.remove();
});

/** Types of everything in the state. */
async function types(): Promise<string[]> {
  return (await dev.stack.exportState()).state.resources.map(({ type }) => type);
}

describe("the dev stack with the development server", () => {
  test("comes up from nothing without keys, volumes or a login of its own", async () => {
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await dev.page()).toBe(page);
    expect((await types()).filter((type) => /:(Init|Unseal|AdminAccess|Rekey)$/.test(type))).toEqual([]);
    expect(await dev.volumes()).toEqual([]);
    expect(await dev.stack.outputs()).toMatchObject({ vaultServer: "dev" });
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("has lost everything after a restart, which an up that refreshes finds and makes whole, seeds included", async () => {
    const before = await types();
    await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--wait");
    await eventually("the new pod is open, and empty", async () => (await dev.page()).includes("vault refused"));
    const up = await dev.stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    expect(await dev.page()).toBe(page);
    expect((await types()).sort()).toEqual(before.sort());
    const again = await dev.stack.preview("--refresh", "--run-program", "--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("is destroyed without a trace", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await types()).toEqual([]);
    for (const name of [dev.namespace, dev.webAppNamespace, dev.demoAppNamespace, dev.postgresNamespace]) {
      expect(await dev.stack.kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
    }
    const bindings = await dev.stack.kubectl("get", "clusterroles,clusterrolebindings", "-o", "name");
    expect(bindings.split("\n").filter((name) => name.includes(dev.namespace))).toEqual([]);
  });
});
