import { textAt, type JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { structuralDiff } from "../../shared/structural-diff.ts";
import { apiObject, type ApiObject } from "../api-object.ts";
import { isSamePath, isSameText, trimmedPath } from "../equality.ts";
import { findMount, moveMount } from "../mounts.ts";
import type { VaultSession } from "../vault-session.ts";
import { tokenFields } from "./token-fields.ts";

const mountRules: PropertyRules = {
  path: { type: "string", default: "ldap", same: isSamePath },
  description: { type: "string" },
  disableRemount: { type: "boolean" },
  local: { type: "boolean", default: false, replace: true },
};

/** The settings of an LDAP method. The bind password and the client's key are never read back. */
const ldapConfig: ApiObject = {
  address: {},
  fields: {
    url: { type: "string", required: true },
    starttls: { type: "boolean" },
    tlsMinVersion: { type: "string" },
    tlsMaxVersion: { type: "string" },
    insecureTls: { type: "boolean" },
    certificate: { type: "string" },
    clientTlsCert: { type: "string" },
    clientTlsKey: { type: "string", secret: true },
    binddn: { type: "string" },
    bindpass: { type: "string", secret: true },
    userdn: { type: "string" },
    userattr: { type: "string", same: isSameText },
    userfilter: { type: "string" },
    discoverdn: { type: "boolean" },
    denyNullBind: { type: "boolean" },
    upndomain: { type: "string" },
    groupfilter: { type: "string" },
    groupdn: { type: "string" },
    groupattr: { type: "string" },
    useTokenGroups: { type: "boolean" },
    usernameAsAlias: { type: "boolean" },
    caseSensitiveNames: { type: "boolean" },
    anonymousGroupSearch: { type: "boolean" },
    dereferenceAliases: { type: "string" },
    enableSamaccountnameLogin: { type: "boolean" },
    connectionTimeout: { type: "integer" },
    requestTimeout: { type: "integer" },
    maxPageSize: { type: "integer", default: -1 },
    ...tokenFields,
  },
  path: ({ path }) => `auth/${trimmedPath(path)}/config`,
  parse: () => ({}),
  writeOnly: ["bindpass", "clientTlsCert", "clientTlsKey"],
  deletable: false,
};

/** `vault:ldap/authBackend:AuthBackend`: the mount of an LDAP method and its settings. Fails when its path is taken; a new path moves it. */
export function ldapAuthBackend(vault: () => VaultSession): ResourceType {
  const config = apiObject(ldapConfig, vault);
  const rules = { ...mountRules, ...config.inputs };
  const live = async (path: string, context: OperationContext): Promise<JsonObject | undefined> => {
    const found = await findMount(vault(), `sys/auth/${path}`, context);
    const settings = await config.read({ id: `auth/${path}/config`, inputs: {}, outputs: {} }, context);
    if (found === undefined || settings === undefined) return undefined;
    const { accessor, description, local } = found;
    return {
      ...settings.outputs,
      path,
      accessor: accessor ?? null,
      description: description ?? null,
      local: local ?? null,
    };
  };
  return {
    inputs: rules,
    outputs: { accessor: {}, description: {} },
    diff: ({ oldInputs, news }) => {
      const fixed = news["disableRemount"] === true;
      const changes = structuralDiff(oldInputs, news, rules);
      return {
        changes: changes.map((change) => (change.property === "path" ? { ...change, replace: fixed } : change)),
      };
    },
    create: async (inputs, context) => {
      const path = trimmedPath(inputs["path"]);
      const body = { type: "ldap", description: inputs["description"] ?? "", local: inputs["local"] ?? false };
      await vault().write(`sys/auth/${path}`, body, context);
      await config.create(filled(inputs), context);
      return { id: path, outputs: { ...inputs, ...(await live(path, context)) } };
    },
    read: async ({ id }, context) => {
      const outputs = await live(id, context);
      return outputs && { id, outputs };
    },
    update: async ({ id: mounted, news, oldOutputs }, context) => {
      const path = textAt(news, "path");
      if (!isSamePath(path, mounted)) await moveMount(vault(), `auth/${mounted}`, `auth/${path}`, context);
      const id = `auth/${trimmedPath(path)}/config`;
      await config.update?.({ id, news: filled(news), oldInputs: {}, oldOutputs }, context);
      // The official provider never writes the description again.
      return { ...news, ...(await live(trimmedPath(path), context)) };
    },
    delete: ({ id }, context) => vault().remove(`sys/auth/${id}`, context),
  };
}

/** The official provider sends no empty text and nothing that was left out: what Vault had stays. Doing better would hide that. */
function filled(inputs: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== ""));
}

const backend = { type: "string", default: "ldap", replace: true, same: isSamePath } as const;
const names = { type: { list: "string" }, set: true } as const;

/** `vault:ldap/authBackendGroup:AuthBackendGroup`: what a group of the directory may do. */
export const ldapGroup: ApiObject = {
  address: { backend, groupname: { type: "string", required: true, replace: true } },
  fields: { policies: names },
  path: ({ backend: mount, groupname }) => `auth/${trimmedPath(mount)}/groups/${trimmedPath(groupname)}`,
  parse: (path) => parsed(path, "groups", "groupname"),
  computed: ["policies"],
  deletable: true,
};

/**
 * `vault:ldap/authBackendUser:AuthBackendUser`: what one person may do besides. A change of the name replaces; the official
 * provider writes the new entry and forgets the old one.
 */
export const ldapUser: ApiObject = {
  address: { backend, username: { type: "string", required: true, replace: true } },
  fields: { groups: names, policies: names },
  path: ({ backend: mount, username }) => `auth/${trimmedPath(mount)}/users/${trimmedPath(username)}`,
  parse: (path) => parsed(path, "users", "username"),
  computed: ["groups", "policies"],
  // Vault returns the groups in one text.
  fromVault: ({ groups, ...others }) => ({
    ...others,
    groups: typeof groups === "string" ? groups.split(",").filter(Boolean) : (groups ?? []),
  }),
  deletable: true,
};

function parsed(path: string, folder: "groups" | "users", property: string): JsonObject | undefined {
  const [, mount, name] = new RegExp(`^auth/(.+)/${folder}/(.+)$`).exec(path) ?? [];
  return mount === undefined || name === undefined ? undefined : { backend: mount, [property]: name };
}
