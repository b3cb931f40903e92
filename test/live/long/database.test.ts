import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DevStack } from "../../support/dev-stack.ts";

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("lp-db", { vault: 30380, webApp: 30381 });
});

afterAll(async () => {
  if (process.env["LP_KEEP"] === undefined) await dev.remove();
});

describe("the dev stack's database", () => {
  test("is previewed before anything exists", async () => {
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
  });
  test("comes up in one run", async () => {
    const start = Date.now();
    const up = await dev.stack.up();
    console.log(up.output, (Date.now() - start) / 1000);
    expect(up.code, up.output).toBe(0);
  });
  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });
  test("destroy", async () => {
    const start = Date.now();
    const up = await dev.stack.destroy();
    console.log(up.output, (Date.now() - start) / 1000);
    expect(up.code, up.output).toBe(0);
  });
});
