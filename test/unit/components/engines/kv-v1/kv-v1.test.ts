import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { policyFaults } from "../../../../../components/access/policy-document.ts";
import { KvV1Engine, kvV1NameFaults } from "../../../../../components/engines/kv-v1/kv-v1.ts";
import { readV1Folder, readV1Secret, writeV1Folder } from "../../../../../components/engines/kv-v1/kv-v1-rules.ts";
import { dataAtStake } from "../../../../../components/vault/bootstrap/data-at-stake.ts";
import { find, record } from "../../../../../graph/recorder.ts";
import { dataLossFaults } from "../../../../../protocol/data-guard/data-guard-resource.ts";

/** What the program declares and refuses. That Vault lets nobody else read is for the live test. */

const inVault = () => ({ provider: new vault.Provider("vault", { address: "http://vault.test" }) });
const mountType = "vault:index/mount:Mount";
const because = "they keep it";

test("a store is a version 1 mount at the component's name", async () => {
  const recording = await record(() => new KvV1Engine("legacy", {}, inVault()));
  expect(find(recording, mountType, "legacy")).toMatchObject({
    parent: "legacy",
    inputs: { type: "kv", path: "legacy", options: { version: "1" } },
  });
});

test("a secret is read by its own path alone, a folder and a store with their names, for a reason", async () => {
  const { outputs } = await record(() => {
    const kv = new KvV1Engine("legacy", {}, inVault());
    return {
      secret: readV1Secret(kv.secret("app/db")),
      folder: readV1Folder({ kv, folder: "app", because }),
      store: writeV1Folder({ kv, because }),
    };
  });
  expect(outputs).toEqual({
    secret: [{ path: "legacy/app/db", capabilities: ["read"] }],
    folder: [{ path: "legacy/app/*", capabilities: ["read", "list"], because }],
    store: [{ path: "legacy/*", capabilities: ["create", "read", "update", "delete", "list"], because }],
  });
  for (const rules of Object.values(outputs)) {
    expect(policyFaults(rules as Parameters<typeof policyFaults>[0])).toEqual([]);
  }
});

test.each(["app/config", "a", "configuration/x", "app/roles/x"])("a secret may be named %s", (name) => {
  expect(kvV1NameFaults("name", name)).toEqual([]);
});

test.each(["", "/a", "a/", "a//b", "*", "data/a", "metadata/a"])("a secret may not be named %j", (name) => {
  expect(kvV1NameFaults("name", name)).toHaveLength(1);
});

test.each(["config", "config/prod", "roles/payroll", "static-roles/x", "keys/x", "creds/x", "issuer/x", "keys"])(
  "a secret may not be named %s, which Pulumi's own login would reach",
  (name) => {
    expect(kvV1NameFaults("name", name)).toEqual([expect.stringMatching(/^name: must lie where Pulumi's own login/)]);
  },
);

describe("a component rejects", () => {
  test("a mount path of another's", async () => {
    await expect(record(() => new KvV1Engine("kv", { path: "sys" }, inVault()))).rejects.toThrow("path: must not lie");
  });

  test("a reference that is no secret's name, and a folder of other engines' settings", async () => {
    await expect(record(() => new KvV1Engine("kv", {}, inVault()).secret("app/*"))).rejects.toThrow("name: must be");
    const kv = { path: pulumi.output("legacy") };
    expect(() => readV1Folder({ kv, folder: "roles", because })).toThrow(/^folder: must be/);
  });
});

test("a store stays: one that goes, or becomes one of version 2 under the same name, is refused by the data guard", () => {
  const kept = (version: string) => {
    const found = dataAtStake(mountType, "legacy", { type: "kv", path: "legacy", options: { version } });
    return found === null ? [] : [found];
  };
  expect(kept("1")[0]?.data).toBe("the secrets of the mount legacy");
  expect(dataLossFaults(kept("1"), [], [])).toHaveLength(1);
  expect(dataLossFaults(kept("1"), kept("2"), [])).toEqual([expect.stringContaining("would be replaced by another")]);
});
