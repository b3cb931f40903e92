import { type EngineKind, manage } from "../../shared/mount-kind.ts";

/** Encryption as a service. */
export const transitKind: EngineKind = {
  name: "transit",
  component: "TransitEngine",
  mount: { type: "transit" },
  atStake: "the keys, without which nobody reads what is encrypted with them, of the mount",
  adminRules: {
    "+/keys/*": { capabilities: manage, because: "keys of a transit engine, which are not in what it reads" },
  },
  access: {},
  parts: [
    {
      kind: "transit key",
      folder: "keys",
      resource: "vault:transit/secretBackendKey:SecretBackendKey",
      imported: true,
      code: (name, mount) => `keys: { ${name}: {} } of the TransitEngine at ${mount}, with adopt: true`,
    },
  ],
  code: (path) => `new TransitEngine(${path}, { adopt: true, keys: { … } }, insideVault)`,
};
