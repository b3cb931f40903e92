import { type EngineKind, manage } from "../../shared/mount-kind.ts";

/** A store of versioned secrets. */
export const kvKind: EngineKind = {
  name: "kv",
  component: "KvEngine",
  mount: { type: "kv", version: "2" },
  atStake: "the secrets of the mount",
  adminRules: {
    "+/config": { capabilities: manage, because: "settings of an engine, of a KV mount for example" },
    "+/data/*": { capabilities: ["create", "update"], because: "write seeds of a KV mount; it reads none" },
    "+/metadata/*": {
      capabilities: manage,
      because: "settings of KV paths and removing seeds with their history",
      preview: [],
    },
  },
  access: {},
  parts: [],
  code: (path) => `new KvEngine(${path}, { adopt: true }, insideVault)`,
};
