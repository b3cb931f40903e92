import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ldapNameFaults } from "../../components/access/logins/ldap-auth.ts";
import { ldapDirectoryFaults, type LdapDirectoryArgs } from "../../components/access/logins/ldap-config.ts";
import { lifetimeFaults, type TokenLifetime } from "../../components/access/logins/token-lifetime.ts";
import { certificates, duration } from "./setting-rules.ts";

const seeDescription = "see its description in Pulumi.yaml";

const text = z.string({ error: `must be a text; ${seeDescription}` });
const rights = z.enum(["reader", "writer"], {
  error: "must be reader or writer; a reader reads the secrets of the stack's store, a writer also writes them",
});
const rightsByName = z.record(z.string(), rights, { error: `must be rights by name; ${seeDescription}` });

const trust = union("trust", [
  z.strictObject({ kind: z.literal("system") }),
  z.strictObject({ kind: z.literal("authority"), certificate: certificates("paste it with its BEGIN and END lines") }),
  z.strictObject({ kind: z.literal("unverified") }),
]);

const transport = union("transport", [
  z.strictObject({ kind: z.literal("ldaps"), trust }),
  z.strictObject({ kind: z.literal("starttls"), trust }),
  z.strictObject({ kind: z.literal("plaintext") }),
]);

const found = { baseDn: text, attribute: text.optional(), filter: text.optional() };
const userSearch = union("userSearch", [
  z.strictObject({ kind: z.literal("bound"), bindDn: text, ...found }),
  z.strictObject({ kind: z.literal("anonymous"), ...found }),
  z.strictObject({ kind: z.literal("direct"), baseDn: text, attribute: text.optional() }),
  z.strictObject({ kind: z.literal("userPrincipal"), domain: text, baseDn: text }),
]);

const groupSearch = union("groupSearch", [
  z.strictObject({ kind: z.literal("search"), ...found }),
  z.strictObject({ kind: z.literal("tokenGroups"), baseDn: text }),
]);

const lifetime = union("lifetime", [
  z.strictObject({ kind: z.literal("ttl"), ttl: duration(), maxTtl: duration().optional() }),
  z.strictObject({ kind: z.literal("periodic"), period: duration() }),
]);

/** The setting `ldap`: no directory, or one whose people log in to Vault. */
export const ldapSetting = union("ldap", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("directory"),
    servers: z.array(text, { error: "must be a list of servers; write each as ldap.example.com" }),
    transport,
    userSearch,
    groupSearch,
    lifetime: lifetime.default({ kind: "ttl", ttl: "1h", maxTtl: "8h" }),
    groups: rightsByName,
    users: rightsByName.default({}),
  }),
]);

/** What people may do with the secrets of the stack's store. */
export type LdapRights = z.infer<typeof rights>;

/** A directory whose people log in to Vault, in the terms of the components. */
export interface LdapLoginConfig {
  readonly directory: LdapDirectoryArgs;
  readonly lifetime: TokenLifetime;
  /** Rights of the members of a group, by its name. */
  readonly groups: Readonly<Record<string, LdapRights>>;
  /** Rights of single people, by login name. */
  readonly users: Readonly<Record<string, LdapRights>>;
}

/**
 * Puts the setting into the terms of the components.
 * @param setting The setting, parsed.
 * @param bindPassword The setting `ldapBindPassword`.
 * @returns The directory; null when there is none.
 */
export function ldapLoginConfig(setting: z.infer<typeof ldapSetting>, bindPassword: string): LdapLoginConfig | null {
  if (setting.kind === "none") return null;
  const { servers, transport: way, groupSearch: groupsIn, groups, users } = setting;
  const people =
    setting.userSearch.kind === "bound"
      ? { ...setting.userSearch, bindPassword: pulumi.secret(bindPassword) }
      : setting.userSearch;
  const directory = { servers, transport: way, userSearch: people, groupSearch: groupsIn };
  // A part that was left out is absent to the schema and may be undefined to the types.
  return {
    directory: directory as LdapDirectoryArgs,
    lifetime: setting.lifetime as TokenLifetime,
    groups,
    users,
  };
}

/**
 * Every fault of what is in the setting, beyond its form.
 * @param setting The setting, parsed.
 * @returns The faults, with paths below the setting; empty when there are none.
 */
export function ldapSettingFaults(setting: z.infer<typeof ldapSetting>): string[] {
  const config = ldapLoginConfig(setting, "");
  if (config === null) return [];
  const { directory, groups, users } = config;
  return [
    ...ldapDirectoryFaults(directory),
    ...lifetimeFaults("lifetime", config.lifetime),
    ...ldapNameFaults("groups", Object.keys(groups)),
    ...ldapNameFaults("users", Object.keys(users)),
  ];
}

type Kind = z.ZodObject<{ readonly kind: z.ZodLiteral<string> }>;

function union<const Options extends readonly [Kind, ...Kind[]]>(name: string, options: Options) {
  const kinds = options.map(({ shape }) => `{kind: "${shape.kind.value}"}`);
  const path = name === "ldap" ? "vaultstack:ldap.kind" : `its kind below vaultstack:ldap`;
  return z.discriminatedUnion("kind", options, { error: `must be ${kinds.join(" or ")}; set ${path}` });
}
