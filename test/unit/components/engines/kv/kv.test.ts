import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { KvEngine, kvSecretNameFaults } from "../../../../../components/engines/kv/kv.ts";
import { mountPathFaults } from "../../../../../components/engines/mount-path.ts";
import { find, masked, record } from "../../../../../graph/recorder.ts";

const inVault = () => ({ provider: new vault.Provider("vault", { address: "http://vault.test" }) });

describe("a KV store", () => {
  test("is a version 2 mount at the component's name", async () => {
    const recording = await record(() => new KvEngine("secret", {}, inVault()));
    expect(find(recording, "vault:index/mount:Mount", "secret")).toMatchObject({
      parent: "secret",
      provider: "vault",
      inputs: { type: "kv", path: "secret", options: { version: "2" } },
    });
  });

  test("refers to a secret by the paths that requests and policies take", async () => {
    const { outputs } = await record(() => ({
      ...new KvEngine("kv", { path: "team-kv" }, inVault()).secret("app/db"),
    }));
    expect(outputs).toEqual({
      mount: "team-kv",
      name: "app/db",
      dataPath: "team-kv/data/app/db",
      metadataPath: "team-kv/metadata/app/db",
    });
  });

  test("writes a seed once, encrypted, and leaves the value to its owner", async () => {
    const recording = await record(() => {
      const seeds = { "app/db": pulumi.secret<Record<string, string>>({ password: "hunter2", user: "app" }) };
      new KvEngine("secret", { seeds }, inVault());
    });
    const seed = find(recording, "vault:kv/secretV2:SecretV2", "secret-app/db");
    expect(seed).toMatchObject({ parent: "secret", ignoreChanges: ["dataJson"], retainOnDelete: true });
    // The accessor carries the seed into a mount that was lost and made anew.
    const options = { accessor: "secret-accessor" };
    expect(seed.inputs).toEqual({ mount: "secret", name: "app/db", disableRead: true, dataJson: masked, options });
  });

  test("encrypts a seed even when its values came in the clear", async () => {
    const recording = await record(() => {
      new KvEngine(
        "secret",
        { seeds: { app: pulumi.output<Record<string, string>>({ password: "hunter2" }) } },
        inVault(),
      );
    });
    expect(JSON.stringify(recording)).not.toContain("hunter2");
  });

  test("rejects a second store at the same path", async () => {
    const program = () => {
      const opts = inVault();
      new KvEngine("one", { path: "kv" }, opts);
      new KvEngine("two", { path: "kv" }, opts);
    };
    await expect(record(program)).rejects.toThrow("path: must be the secrets mount of one component only");
  });

  test("rejects a reference that is no secret's name", async () => {
    await expect(record(() => new KvEngine("kv", {}, inVault()).secret("app/*"))).rejects.toThrow(
      'name: must be one secret\'s name, got "app/*"',
    );
  });
});

test.each(["secret", "team-kv", "kv-2", "a.b", "_kv"])("a store may be mounted at %s", (path) => {
  expect(mountPathFaults(path)).toEqual([]);
});

test.each(["", "/secret", "secret/", "team/kv", "sys/kv", "identity", "auth", "audit", "a b", ".."])(
  "a store may not be mounted at %j",
  (path) => {
    expect(mountPathFaults(path)).toHaveLength(1);
  },
);

test.each(["webapp/config", "a", "a-b_c.d/e", ".env", "app/ada@example.com"])("a secret may be named %s", (name) => {
  expect(kvSecretNameFaults("name", name)).toEqual([]);
});

test.each(["", "/a", "a/", "a//b", "a/+", "*", "data/a", "metadata/a"])("a secret may not be named %j", (name) => {
  expect(kvSecretNameFaults("name", name)).toHaveLength(1);
});
