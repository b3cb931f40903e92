/**
 * The dev stack with the secrets operator, through its whole life. The tests build on each other and run in order. They do not
 * prove anything about an operator that somebody else has installed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { operatorChart } from "../../../sandbox/toolchain/operator-chart.ts";
import { goIdentity } from "../../../sandbox/toolchain/tool-cache.ts";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { removeOperator } from "../../support/operator-remains.ts";

const operatorNamespace = "lv-operator-system";
const secretData = z.record(z.string(), z.string());

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create(
    "lv-operator",
    { vault: 30390, webApp: 30391 },
    {
      secretsOperator: "install",
      secretsOperatorNamespace: operatorNamespace,
      secretsOperatorChart: { kind: "path", path: operatorChart(await goIdentity()) },
      refreshAfter: "5s",
    },
  );
});

afterAll(async () => {
  await removeOperator(dev.stack);
  await dev.stack.kubectl("delete", "namespace", operatorNamespace, "--ignore-not-found", "--wait");
  await dev.remove();
});

/** The delivered Secret as a pod would see it. */
async function delivered(): Promise<Record<string, string>> {
  const json = ["-n", dev.demoAppNamespace, "get", "secret", "secretkv", "-o", "jsonpath={.data}"];
  const data = secretData.parse(JSON.parse(await dev.stack.kubectl(...json)));
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

describe("the dev stack with the secrets operator", () => {
  test("comes up from nothing with the secret delivered", async () => {
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await delivered()).toEqual({ username: "static-user", password: seededPassword });
    expect(await dev.stack.outputs()).toMatchObject({ demoAppSecretName: "secretkv" });
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });
});
