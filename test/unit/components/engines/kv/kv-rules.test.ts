import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { PolicyRuleArgs } from "../../../../../components/access/policy.ts";
import { policyFaults } from "../../../../../components/access/policy-document.ts";
import { readFolder, readSecret, writeFolder } from "../../../../../components/engines/kv/kv-rules.ts";
import { record } from "../../../../../graph/recorder.ts";

const kv = { path: pulumi.output("secret") };
const because = "they keep it";

async function resolved(rules: () => PolicyRuleArgs[]): Promise<unknown> {
  const { outputs } = await record(() => ({ rules: rules() }));
  return outputs["rules"];
}

describe("rules of a store", () => {
  test("for one secret name its value alone", async () => {
    const dataPath = pulumi.output("secret/data/app");
    expect(await resolved(() => readSecret({ dataPath }))).toEqual([
      { path: "secret/data/app", capabilities: ["read"] },
    ]);
  });

  test("for a folder name values and names below it, with the reason of both wildcards", async () => {
    const read = await resolved(() => readFolder({ kv, folder: "agents/one", because }));
    expect(read).toEqual([
      { path: "secret/data/agents/one/*", capabilities: ["read"], because },
      { path: "secret/metadata/agents/one/*", capabilities: ["read", "list"], because },
    ]);
    expect(policyFaults(read as Parameters<typeof policyFaults>[0])).toEqual([]);
  });

  test("for whoever writes a whole store leave the destruction of versions to others", async () => {
    expect(await resolved(() => writeFolder({ kv, because }))).toEqual([
      { path: "secret/data/*", capabilities: ["create", "read", "update", "patch", "delete"], because },
      { path: "secret/metadata/*", capabilities: ["read", "list"], because },
    ]);
  });

  test.each(["agents/", "a/../b", "data/a", "+"])("rejects the folder %s", (folder) => {
    expect(() => readFolder({ kv, folder, because })).toThrow(/^folder: must be a name below the mount/);
  });
});
