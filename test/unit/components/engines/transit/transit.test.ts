import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { TransitEngine, transitKeyFaults } from "../../../../../components/engines/transit/transit.ts";
import { find, record } from "../../../../../graph/recorder.ts";

const inVault = () => ({ provider: new vault.Provider("vault", { address: "http://vault.test" }) });

describe("a transit engine", () => {
  test("is a mount with its keys, which are kept unless the program says otherwise", async () => {
    const recording = await record(() => {
      new TransitEngine("demo-transit", { keys: { cache: { deletionAllowed: true }, data: {} } }, inVault());
    });
    expect(find(recording, "vault:index/mount:Mount", "demo-transit").inputs).toMatchObject({ type: "transit" });
    const key = (name: string) => find(recording, "vault:transit/secretBackendKey:SecretBackendKey", name).inputs;
    expect(key("demo-transit-cache")).toMatchObject({ name: "cache", deletionAllowed: true });
    expect(key("demo-transit-data")).toMatchObject({ name: "data", deletionAllowed: false });
  });

  test("tells what a user of a key must be allowed, and no more", async () => {
    const { outputs } = await record(() => ({
      ...new TransitEngine("transit", { keys: { cache: {} } }, inVault()).key("cache"),
    }));
    expect(outputs).toEqual({
      mount: "transit",
      keyName: "cache",
      rules: [
        { path: "transit/encrypt/cache", capabilities: ["create", "update"] },
        { path: "transit/decrypt/cache", capabilities: ["create", "update"] },
      ],
    });
  });

  test("takes mount and keys over where they exist", async () => {
    const { resources } = await record(() => {
      new TransitEngine("transit", { adopt: true, keys: { cache: {} } }, inVault());
    });
    expect(resources.map(({ adopts }) => adopts).filter(Boolean)).toEqual(["transit", "transit/keys/cache"]);
  });

  test("rejects a key whose name is a path", () => {
    expect(transitKeyFaults("keys.a/b", "a/b")).toHaveLength(1);
    expect(transitKeyFaults("keys.cache", "cache")).toEqual([]);
  });
});
