import { textAt, type JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { isSamePath, trimmedPath } from "../equality.ts";
import type { VaultSession } from "../vault-session.ts";

/**
 * `vault:transit/secretBackendKey:SecretBackendKey`: a key that never leaves Vault. It stays unless its deletion is
 * allowed.
 */
export function transitKey(vault: () => VaultSession): ResourceType {
  const configure = async (id: string, inputs: JsonObject, context: OperationContext): Promise<JsonObject> => {
    const body = {
      deletion_allowed: inputs["deletionAllowed"] ?? false,
      exportable: inputs["exportable"] ?? false,
      min_decryption_version: inputs["minDecryptionVersion"] ?? 1,
      min_encryption_version: inputs["minEncryptionVersion"] ?? 0,
      auto_rotate_period: inputs["autoRotatePeriod"] ?? 0,
    };
    await vault().write(`${id}/config`, body, context);
    return { ...inputs, ...(await live(vault(), id, context)) };
  };
  return {
    inputs: rules,
    outputs: { latestVersion: { stable: false }, keys: { stable: false }, minAvailableVersion: { stable: false } },
    create: async (inputs, context) => {
      const id = `${trimmedPath(inputs["backend"])}/keys/${textAt(inputs, "name")}`;
      await vault().write(id, { type: inputs["type"] ?? "aes256-gcm96" }, context);
      return { id, outputs: await configure(id, inputs, context) };
    },
    read: async ({ id }, context) => {
      const outputs = await live(vault(), id, context);
      return outputs && { id, outputs };
    },
    update: ({ id, news }, context) => configure(id, news, context),
    delete: ({ id }, context) => vault().remove(id, context),
  };
}

const rules: PropertyRules = {
  backend: { type: "string", required: true, replace: true, same: isSamePath },
  name: { type: "string", required: true, replace: true },
  type: { type: "string", default: "aes256-gcm96", replace: true },
  deletionAllowed: { type: "boolean" },
  exportable: { type: "boolean" },
  minDecryptionVersion: { type: "integer" },
  minEncryptionVersion: { type: "integer" },
  autoRotatePeriod: { type: "integer" },
};

async function live(vault: VaultSession, id: string, context: OperationContext): Promise<JsonObject | undefined> {
  const data = await vault.read(id, context);
  if (data === undefined) return undefined;
  const [, backend = "", name = ""] = /^(.+)\/keys\/(.+)$/.exec(id) ?? [];
  return {
    backend,
    name,
    type: data["type"] ?? null,
    deletionAllowed: data["deletion_allowed"] ?? null,
    exportable: data["exportable"] ?? null,
    minDecryptionVersion: data["min_decryption_version"] ?? null,
    minEncryptionVersion: data["min_encryption_version"] ?? null,
    autoRotatePeriod: data["auto_rotate_period"] ?? null,
    latestVersion: data["latest_version"] ?? null,
    minAvailableVersion: data["min_available_version"] ?? null,
    keys: Object.keys(typeof data["keys"] === "object" ? (data["keys"] ?? {}) : {}),
  };
}
