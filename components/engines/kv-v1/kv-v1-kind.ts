import type { EngineKind } from "../../shared/mount-kind.ts";

/** A store of secrets without versions. Everything below its mount is a value, so only its users have rules there. */
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
