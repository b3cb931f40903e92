import { z } from "zod";
import { termsOf } from "../../access/matrix/access-reader.ts";
import { type EngineKind, manage } from "../../shared/mount-kind.ts";
import { configRules, roleRules } from "../engine-rules.ts";

/** Types of the resources that are roles of a database engine. */
export const databaseTypes = {
  role: "vault:database/secretBackendRole:SecretBackendRole",
  staticRole: "vault:database/secretBackendStaticRole:SecretBackendStaticRole",
} as const;

const role = z.looseObject({ backend: z.string(), name: z.string(), defaultTtl: z.number(), maxTtl: z.number() });
const staticRole = z.looseObject({ backend: z.string(), name: z.string(), username: z.string() });

/** Logins to a database. */
export const databaseKind: EngineKind = {
  name: "database",
  component: "DatabaseEngine",
  mount: { type: "database" },
  atStake: "the connection with a password that only Vault knows, and the logins, of the mount",
  adminRules: {
    ...configRules,
    ...roleRules,
    "+/static-roles/*": { capabilities: manage, because: "static roles of a database engine" },
    "+/rotate-root/*": { capabilities: ["update"], because: "give a database login a password only Vault knows" },
    "+/creds/*": {
      capabilities: ["read"],
      because: "prove that a role issues a login, which is revoked at once",
      preview: [],
    },
    "sys/leases/revoke": { capabilities: ["update"], because: "prove that a role takes its login away" },
    "sys/leases/lookup/*": {
      capabilities: ["list", "sudo"],
      because: "tell what a role has issued; Vault wants sudo",
      preview: [],
    },
    "sys/leases/revoke-prefix/*": {
      capabilities: ["update", "sudo"],
      because: "take away what a role has issued before the role goes; Vault wants sudo",
    },
    "sys/leases/revoke-force/*": {
      capabilities: ["update", "sudo"],
      because: "forget what a role has issued when its database is gone; Vault wants sudo",
    },
  },
  access: {
    [databaseTypes.role]: (inputs) => {
      const { backend, name, defaultTtl, maxTtl, ...rest } = role.parse(inputs);
      const limits = { ttl: defaultTtl, maxTtl };
      return { credentials: [{ path: `${backend}/creds/${name}`, limits, terms: termsOf(rest) }] };
    },
    [databaseTypes.staticRole]: (inputs) => {
      const { backend, name, ...rest } = staticRole.parse(inputs);
      return { credentials: [{ path: `${backend}/static-creds/${name}`, limits: {}, terms: termsOf(rest) }] };
    },
  },
  parts: [
    {
      kind: "database role",
      folder: "roles",
      resource: databaseTypes.role,
      code: (name, mount) => `roles: { ${name}: … } of the DatabaseEngine at ${mount}`,
    },
    {
      kind: "database static role",
      folder: "static-roles",
      resource: databaseTypes.staticRole,
      code: (name, mount) => `staticRoles: { ${name}: … } of the DatabaseEngine at ${mount}`,
    },
  ],
  code: (path) => `new DatabaseEngine(${path}, { adopt: true, … }, insideVault)`,
};
