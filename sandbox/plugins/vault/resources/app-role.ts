import { PluginError } from "../../shared/errors.ts";
import type { Json, JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { VaultSession } from "../vault-session.ts";
import { VaultError } from "../vault-error.ts";
import type { ApiObject } from "../api-object.ts";
import { isSameJson, isSameNetworks, isSamePath, trimmedPath } from "../equality.ts";
import { tokenFields } from "./token-fields.ts";

const backend = { type: "string", default: "approle", replace: true, same: isSamePath } as const;

/** `vault:appRole/authBackendRole:AuthBackendRole`: an identity for a machine. */
export const appRole: ApiObject = {
  address: { backend, roleName: { type: "string", required: true, replace: true } },
  fields: {
    bindSecretId: { type: "boolean", default: true },
    localSecretIds: { type: "boolean", default: false },
    secretIdBoundCidrs: { type: { list: "string" }, same: isSameNetworks },
    secretIdNumUses: { type: "integer" },
    secretIdTtl: { type: "integer" },
    ...tokenFields,
  },
  path: appRolePath,
  parse: (path) => {
    const [, mount, roleName] = /^auth\/(.+)\/role\/(.+)$/.exec(path) ?? [];
    return mount === undefined || roleName === undefined ? undefined : { backend: mount, roleName };
  },
  companionInputs: { roleId: { type: "string" } },
  companion: {
    write: async (path, { roleId }, { roleId: old }, vault, context) => {
      if (roleId !== undefined && roleId !== old) await vault.write(`${path}/role-id`, { role_id: roleId }, context);
    },
    read: async (path, vault, context) => {
      const data = await vault.read(`${path}/role-id`, context);
      return { roleId: data?.["role_id"] ?? null };
    },
  },
  computed: ["roleId"],
  createOnly: ["localSecretIds"],
  deletable: true,
};

/**
 * `vault:appRole/authBackendRoleSecretId:AuthBackendRoleSecretId`: a secret for an identity. Everything about it is
 * fixed.
 */
export function appRoleSecretId(vault: () => VaultSession): ResourceType {
  return {
    inputs: {
      backend,
      roleName: { type: "string", required: true, replace: true },
      secretId: { type: "string", secret: true, replace: true },
      cidrLists: { type: { list: "string" }, same: isSameNetworks, replace: true },
      tokenBoundCidrs: { type: { list: "string" }, same: isSameNetworks, replace: true },
      metadata: { type: "string", same: isSameJson, replace: true },
      ttl: { type: "integer", replace: true },
      numUses: { type: "integer", replace: true },
    },
    outputs: { secretId: { secret: true }, accessor: {} },
    create: async (inputs, context) => {
      const role = appRolePath(inputs);
      const path = `${role}/${inputs["secretId"] === undefined ? "secret-id" : "custom-secret-id"}`;
      const data = await vault().write(path, secretIdBody(inputs), context);
      const accessor = textOf(data["secret_id_accessor"]);
      const id = `backend=${trimmedPath(inputs["backend"])}::role=${textOf(inputs["roleName"])}::accessor=${accessor}`;
      return { id, outputs: { ...inputs, secretId: data["secret_id"] ?? null, accessor } };
    },
    read: async ({ id, outputs }, context) => {
      const data = await byAccessor(vault(), "lookup", id, context);
      if (data === undefined) return undefined;
      const live = {
        cidrLists: data["cidr_list"] ?? null,
        tokenBoundCidrs: data["token_bound_cidrs"] ?? null,
        metadata: JSON.stringify(data["metadata"] ?? {}),
        numUses: data["secret_id_num_uses"] ?? null,
        ttl: data["secret_id_ttl"] ?? null,
        accessor: data["secret_id_accessor"] ?? null,
      };
      return { id, outputs: { ...outputs, ...live } };
    },
    delete: async ({ id }, context) => {
      await byAccessor(vault(), "destroy", id, context);
    },
  };
}

function appRolePath({ backend: mount, roleName }: JsonObject): string {
  return `auth/${trimmedPath(mount)}/role/${trimmedPath(roleName)}`;
}

function secretIdBody(inputs: JsonObject): JsonObject {
  const { secretId, cidrLists, tokenBoundCidrs, metadata, ttl, numUses } = inputs;
  const given = {
    secret_id: secretId,
    cidr_list: cidrLists,
    token_bound_cidrs: tokenBoundCidrs,
    ttl,
    num_uses: numUses,
  };
  const entries = Object.entries({ ...given, metadata: metadata ?? "" }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as JsonObject;
}

/** Asks about a secret by its accessor; undefined when the secret or its role is gone. */
async function byAccessor(
  vault: VaultSession,
  action: "lookup" | "destroy",
  id: string,
  context: OperationContext,
): Promise<JsonObject | undefined> {
  const { role, accessor } = parsedId(id);
  try {
    const data = await vault.ask(`${role}/secret-id-accessor/${action}`, { secret_id_accessor: accessor }, context);
    return data?.["secret_id_accessor"] === undefined ? undefined : data;
  } catch (error) {
    const isGone =
      error instanceof VaultError && error.errors.some((text) => /does not exist|failed to find/.test(text));
    if (isGone) return undefined;
    throw error;
  }
}

function parsedId(id: string): { role: string; accessor: string } {
  const [, mount, roleName, accessor] = /^backend=(.+)::role=(.+)::accessor=(.+)$/.exec(id) ?? [];
  if (mount === undefined || roleName === undefined || accessor === undefined) {
    throw new PluginError(`id: must have the form backend=…::role=…::accessor=…, got ${id}; import by such an id`);
  }
  return { role: appRolePath({ backend: mount, roleName }), accessor };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
