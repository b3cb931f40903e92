import { z } from "zod";
import { termsOf } from "../../access/matrix/access-reader.ts";
import type { EngineKind } from "../../shared/mount-kind.ts";
import { configRules, roleRules } from "../engine-rules.ts";

const roleType = "vault:pkiSecret/secretBackendRole:SecretBackendRole";

const role = z.looseObject({ backend: z.string(), name: z.string() });

/** Certificates of an authority whose key is made inside Vault and never shown: `exported` is out of reach. */
export const pkiKind: EngineKind = {
  name: "pki",
  component: "PkiEngine",
  mount: { type: "pki" },
  atStake: "the authorities and their keys of the mount",
  adminRules: {
    ...configRules,
    ...roleRules,
    "+/issuers/generate/root/internal": {
      capabilities: ["create", "update"],
      because: "make an authority of a PKI engine",
    },
    "+/intermediate/generate/internal": {
      capabilities: ["create", "update"],
      because: "make the key of an authority that another signs",
    },
    "+/intermediate/set-signed": { capabilities: ["create", "update"], because: "give an authority its certificate" },
    "+/issuer/*": { capabilities: ["read", "delete"], because: "notice that an authority is gone, and take it away" },
    "+/issuer/+/sign-intermediate": {
      capabilities: ["create", "update"],
      because: "sign another authority",
      preview: ["deny"],
    },
  },
  access: {
    [roleType]: (inputs) => {
      const { backend, name, ...rest } = role.parse(inputs);
      return { credentials: [{ path: `${backend}/issue/${name}`, limits: {}, terms: termsOf(rest) }] };
    },
  },
  parts: [
    {
      kind: "certificate role",
      folder: "roles",
      resource: roleType,
      code: (name, mount) => `a role ${name} of the PKI engine at ${mount}`,
    },
  ],
  // A PkiEngine would make another authority next to the existing one.
  code: (path) => `new vault.Mount(${path}, { path: ${path}, type: "pki" }, { ...insideVault, import: ${path} })`,
};
