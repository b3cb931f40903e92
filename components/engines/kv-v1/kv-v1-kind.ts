import type { EngineKind } from "../../shared/mount-kind.ts";

/** A store of secrets without versions. What is below its mount are values, so nobody but its users has rules there. */
export const kvV1Kind: EngineKind = {
  name: "kv-v1",
  component: "KvV1Engine",
  mount: { type: "kv", version: "1" },
  atStake: "the secrets of the mount",
  adminRules: {},
  access: {},
  parts: [],
  code: (path) => `new KvV1Engine(${path}, { adopt: true }, insideVault)`,
};
