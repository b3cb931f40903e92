/**
 * Outputs v2 as they were promised are in test/golden/outputs-v2.json. That file grows; a line of it is never changed
 * or removed while there are readers of version 2.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { contractVersion, outputsV2 } from "../../../consumer/index.ts";
import { outputsVersion } from "../../../stacks/outputs.ts";
import { graphOfDev } from "../../support/graph-of-dev.ts";

// Each recording is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

type Kinds = Readonly<Record<string, string>>;
const promised = JSON.parse(readFileSync("test/golden/outputs-v2.json", "utf8")) as Kinds;

/** What readers of the promised outputs would trip over, and what is not promised yet. */
function breaches(promise: Kinds, actual: Kinds): string[] {
  const broken = Object.entries(promise).flatMap(([name, kind]) => {
    if (actual[name] === undefined) return [`outputs v2 break: ${name} is gone`];
    return actual[name] === kind ? [] : [`outputs v2 break: ${name} was a ${kind} and is a ${actual[name]}`];
  });
  const open = Object.keys(actual).filter((name) => !(name in promise));
  return [...broken, ...open.map((name) => `outputs v2 grow: promise ${name} in consumer/contract.ts and here`)];
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "texts" : typeof value === "string" ? "text" : typeof value;
}

describe("outputs v2", () => {
  test("are read by the consumer package as they were promised", () => {
    expect(breaches(promised, outputsV2)).toEqual([]);
    expect(outputsVersion).toBe(contractVersion);
  });

  test.each(["dev", "ha"])("are what the stack %s returns", async (stack) => {
    const { demo, ...outputs } = (await graphOfDev({ stack })).outputs;
    expect(demo).toBeTypeOf("object");
    const actual = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, kindOf(value)]));
    expect(breaches(promised, actual)).toEqual([]);
  });

  test.each(["dev", "ha"])(
    "are published inside the cluster by the stack %s, a text for each but the end of the certificate",
    async (stack) => {
      const { outputs, resources } = await graphOfDev({ stack });
      const published = resources.find(({ name }) => name === "vaultstack-outputs");
      const data = published?.inputs["data"] as Kinds;
      expect([...Object.keys(data), "vaultCertificateExpires"].sort()).toEqual(Object.keys(outputs).sort());
      expect(data).toMatchObject({ outputsVersion: "2", kvMount: "secret" });
    },
  );

  test("that lose or change one say which", () => {
    expect(breaches({ a: "text", b: "text", c: "number" }, { a: "text", c: "text", d: "text" })).toEqual([
      "outputs v2 break: b is gone",
      "outputs v2 break: c was a number and is a text",
      "outputs v2 grow: promise d in consumer/contract.ts and here",
    ]);
  });
});
