/**
 * Edits that would lose data, on a real engine, Vault and Postgres: refused in the preview and in an `up` that skips
 * it, with nothing touched, and carried out with consent. They do not prove what a run with `--target` loses: what it
 * does not name is not looked at.
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { DevStack } from "../../support/dev-stack.ts";
import type { EngineRun } from "../../support/live-stack.ts";
import { type Edit, edited } from "../../support/project-copy.ts";

const mounts = z.object({ data: z.record(z.string(), z.object({ accessor: z.string(), type: z.string() })) });

const otherStore: Edit = {
  file: "stacks/platform.ts",
  from: 'new KvEngine("secret", { seeds',
  to: 'new KvEngine("store", { path: "store", seeds',
};
const movedStore: Edit = {
  file: "stacks/platform.ts",
  from: 'new KvEngine("secret", { seeds',
  to: 'new KvEngine("secret", { path: "moved", seeds',
};
const otherEngine: Edit = {
  file: "components/engines/database/database.ts",
  from: '{ type: "database", path,',
  to: '{ type: "nomad", path,',
};

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("pv-guard", { vault: 31340, webApp: 31341 });
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
});

afterAll(async () => {
  const destroy = await dev.stack.destroy();
  await dev.remove();
  expect(destroy.code, destroy.output).toBe(0);
});

async function withEdit<Result>(edit: Edit, work: () => Promise<Result>): Promise<Result> {
  const copy = edited([edit]);
  onTestFinished(() => {
    copy.remove();
  });
  return dev.stack.withProject(copy.folder, work);
}

/** Identities of the mounts by their paths: another one is another mount. */
async function accessors(): Promise<Record<string, string>> {
  const { data } = mounts.parse(await (await dev.admin()).request("GET", "sys/mounts"));
  return Object.fromEntries(Object.entries(data).map(([path, { accessor }]) => [path, accessor]));
}

function expectRefused({ code, output }: EngineRun, ...words: readonly string[]): void {
  expect(code, output).not.toBe(0);
  for (const word of words) expect(output).toContain(word);
}

describe("an edit that would lose data is refused, and leaves everything as it was", () => {
  test.each<[string, Edit, readonly string[]]>([
    [
      "a store of secrets that is replaced by another",
      otherStore,
      ["secret: must stay", "the secrets of the mount secret"],
    ],
    ["an engine of another type", otherEngine, ["demo-db: must stay", "would be replaced by another"]],
  ])("%s", async (_, edit, words) => {
    const before = await accessors();
    expectRefused(await withEdit(edit, () => dev.stack.preview()), ...words, "vaultstack:allowDataLoss[0]");
    expectRefused(await withEdit(edit, () => dev.stack.up()), ...words);
    expect(await accessors()).toEqual(before);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("another namespace of the database, which would take its volume away", async () => {
    const volumes = (): Promise<string> => dev.stack.kubectl("-n", dev.postgresNamespace, "get", "pvc", "-o", "name");
    const before = await volumes();
    await dev.stack.set("postgresNamespace", "pv-guard-elsewhere");
    const words = [
      "postgres: must stay",
      `the volumes of the pods of postgres in the namespace ${dev.postgresNamespace}`,
    ];
    expectRefused(await dev.stack.preview(), ...words);
    expectRefused(await dev.stack.up(), ...words);
    expect(await dev.stack.kubectl("get", "namespace", "pv-guard-elsewhere", "--ignore-not-found")).toBe("");
    await dev.stack.set("postgresNamespace", dev.postgresNamespace);
    expect(await volumes()).toBe(before);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });
});

test("a store that moves to another path takes its secrets along, and needs no consent", async () => {
  const preview = await withEdit(movedStore, () => dev.stack.preview());
  expect(preview.code, preview.output).toBe(0);
  expect(preview.output).toMatch(/~\s.*vault:index:Mount\s+secret/);
});

test("with consent the store goes, and nothing else; the consent is refused in the next run", async () => {
  const { "secret/": gone, ...others } = await accessors();
  expect(gone).toBeDefined();
  await dev.stack.set("allowDataLoss[0]", "secret");
  await withEdit(otherStore, async () => {
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    const { "store/": added, ...rest } = await accessors();
    expect(added).toBeDefined();
    expect(rest).toEqual(others);
    expectRefused(await dev.stack.preview(), "vaultstack:allowDataLoss: must name what this run would lose");
    await dev.stack.unset("allowDataLoss");
    const after = await dev.stack.preview("--expect-no-changes");
    expect(after.code, after.output).toBe(0);
  });
});
