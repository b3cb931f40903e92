/**
 * A stack that meets other code than the one it was made with: the previous commit's state, and changed modules and
 * dependencies under an unchanged program. They do not prove anything about older commits than the previous one.
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { previousCommit, type ProjectCopy, withOtherCode } from "../../support/project-copy.ts";

/** Pulumi stores the code of a dynamic resource beside its properties, in each of them. */
const storedCodeLimit = 4096;

const dynamicTypes = ["Init", "Unseal", "AdminAccess"].map((name) => `pulumi-nodejs:dynamic/vault:${name}`);

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("lb-upgrade", { vault: 30354, webApp: 30355 });
});

afterAll(async () => {
  await dev.remove();
});

function forThisTest(copy: ProjectCopy): string {
  onTestFinished(() => {
    copy.remove();
  });
  return copy.folder;
}

/** The stored code of each dynamic resource, by its type. */
async function storedCode(): Promise<Record<string, string>> {
  const { resources } = (await dev.stack.exportState()).state;
  const dynamic = resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"));
  return Object.fromEntries(dynamic.map(({ type, outputs }) => [type, String(outputs?.["__provider"])]));
}

describe("a stack", () => {
  test("that the previous commit brought up is taken over by this one without a new Vault, and is then as declared", async () => {
    const folder = forThisTest(previousCommit());
    const first = await dev.stack.withProject(folder, () => dev.stack.up());
    expect(first.code, first.output).toBe(0);
    const keys = await dev.keysRecord();
    const { clusterId } = await dev.vault();
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    // An update goes on with what there is; these begin anew.
    expect(preview.output).not.toMatch(/^ *[-+]{1,2} +pulumi-nodejs:dynamic\/vault:(Init|Unseal|AdminAccess)\b/m);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await dev.keysRecord()).toEqual(keys);
    expect((await dev.vault()).clusterId).toBe(clusterId);
    expect(await dev.page()).toBe(`password: ${seededPassword}\nusername: static-user\n`);
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("stores little code with each dynamic resource", async () => {
    const code = await storedCode();
    expect(Object.keys(code).toSorted()).toEqual(expect.arrayContaining(dynamicTypes.toSorted()));
    for (const [type, text] of Object.entries(code)) {
      expect(text, type).toContain("exports.handler");
      expect(Buffer.byteLength(text), type).toBeLessThan(storedCodeLimit);
    }
  });

  test("has nothing to change when the code of the protocol or a dependency changed, and stores the same code", async () => {
    const folder = forThisTest(withOtherCode("openpgp"));
    const before = await storedCode();
    await dev.stack.withProject(folder, async () => {
      for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
      await dev.restartVault();
      const up = await dev.stack.up();
      expect(up.code, up.output).toBe(0);
    });
    expect(await storedCode()).toEqual(before);
  });

  test("is destroyed by other code than it was made with", async () => {
    const folder = forThisTest(withOtherCode("openpgp"));
    const destroy = await dev.stack.withProject(folder, () => dev.stack.destroy());
    expect(destroy.code, destroy.output).toBe(0);
  });

  test("that the previous commit brought up is refreshed and destroyed by this one, which never brought it up", async () => {
    const folder = forThisTest(previousCommit());
    const up = await dev.stack.withProject(folder, () => dev.stack.up());
    expect(up.code, up.output).toBe(0);
    const refresh = await dev.stack.refresh();
    expect(refresh.code, refresh.output).toBe(0);
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
  });
});
