import type { JsonObject } from "../../shared/property.ts";
import type { ResourceType } from "../../shared/provider.ts";
import type { ApiObject } from "../api-object.ts";
import { isSamePath, isSameText, trimmedPath } from "../equality.ts";
import type { VaultSession } from "../vault-session.ts";
import { configuredMethod } from "./configured-method.ts";
import { tokenFields } from "./token-fields.ts";

/**
 * `vault:ldap/authBackend:AuthBackend`: the mount of an LDAP method and its settings. The bind password and the
 * client's key are never read back.
 */
export function ldapAuthBackend(vault: () => VaultSession): ResourceType {
  return configuredMethod(
    {
      type: () => "ldap",
      mount: {
        path: { type: "string", default: "ldap", same: isSamePath },
        description: { type: "string" },
        disableRemount: { type: "boolean" },
        local: { type: "boolean", default: false, replace: true },
      },
      config: {
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
        writeOnly: ["bindpass", "clientTlsCert", "clientTlsKey"],
      },
      sent: filled,
    },
    vault,
  );
}

/**
 * The official provider sends no empty text and nothing that was left out: what Vault had stays. Doing better would
 * hide that.
 */
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
 * `vault:ldap/authBackendUser:AuthBackendUser`: what one person may do besides. A change of the name replaces; the
 * official provider writes the new entry and forgets the old one.
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
