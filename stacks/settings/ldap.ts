import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ldapNameFaults } from "../../components/access/logins/ldap-auth.ts";
import { ldapDirectoryFaults, type LdapDirectoryArgs } from "../../components/access/logins/ldap-config.ts";
import { lifetimeFaults, type TokenLifetime } from "../../components/access/logins/token-lifetime.ts";
import { fault } from "../../shared/errors.ts";
import { certificates, duration } from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

const seeDescription = "see docs/settings.md";

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

const ldapSetting = union("ldap", [
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

/** The directory whose people log in. */
export const ldapSettings = {
  ldap: setting(ldapSetting, {
    default: { kind: "none" },
    description:
      "Directory whose people log in to Vault. groups and users give reader or writer by name, which are rights to the secrets of the mount `secret`. servers are hosts with at most a port. transport is {kind: ldaps} or {kind: starttls}, each with trust {kind: system}, {kind: authority, certificate} or {kind: unverified}; or {kind: plaintext}, with which every password can be read on the network. userSearch is bound, anonymous, direct or userPrincipal, groupSearch is search or tokenGroups; attribute is uid unless given. lifetime is {kind: ttl, ttl, maxTtl} or {kind: periodic, period}.",
    examples: [
      { kind: "none" },
      {
        kind: "directory",
        servers: ["ldap.example.com"],
        transport: { kind: "ldaps", trust: { kind: "system" } },
        userSearch: { kind: "bound", bindDn: "cn=vault,dc=example", baseDn: "ou=people,dc=example" },
        groupSearch: { kind: "search", baseDn: "ou=groups,dc=example" },
        lifetime: { kind: "ttl", ttl: "1h", maxTtl: "8h" },
        groups: { developers: "reader", admins: "writer" },
      },
      {
        kind: "directory",
        servers: ["ad.example.com"],
        transport: { kind: "starttls", trust: { kind: "system" } },
        userSearch: { kind: "userPrincipal", domain: "example.com", baseDn: "dc=example,dc=com" },
        groupSearch: { kind: "tokenGroups", baseDn: "dc=example,dc=com" },
        lifetime: { kind: "periodic", period: "1h" },
        groups: {},
        users: { ada: "writer" },
      },
    ],
  }),
  ldapBindPassword: setting(
    text.regex(/^[^\r\n]*$/, { error: "must be one line; set it with `pulumi config set --secret`" }),
    {
      secret: true,
      default: "",
      description: "Password of the account that Vault searches the directory with, for userSearch bound.",
    },
  ),
};

type LdapSettings = Parsed<typeof ldapSettings>;

/** What people may do with the secrets of the stack's store. */
export type LdapRights = z.infer<typeof rights>;

/** A directory whose people log in to Vault, in the form the components take. */
export interface LdapLoginConfig {
  readonly directory: LdapDirectoryArgs;
  readonly lifetime: TokenLifetime;
  /** Rights of the members of a group, by its name. */
  readonly groups: Readonly<Record<string, LdapRights>>;
  /** Rights of single people, by login name. */
  readonly users: Readonly<Record<string, LdapRights>>;
}

/** Converts these settings to the form the components take; null when there is no directory. */
export function ldapConfig({ ldap, ldapBindPassword }: LdapSettings): LdapLoginConfig | null {
  if (ldap.kind === "none") return null;
  const { servers, transport: way, groupSearch: groupsIn, groups, users } = ldap;
  const people =
    ldap.userSearch.kind === "bound"
      ? { ...ldap.userSearch, bindPassword: pulumi.secret(ldapBindPassword) }
      : ldap.userSearch;
  const directory = { servers, transport: way, userSearch: people, groupSearch: groupsIn };
  // For the schema, a part that was left out is absent; for the types, it may be undefined.
  return {
    directory: directory as LdapDirectoryArgs,
    lifetime: ldap.lifetime as TokenLifetime,
    groups,
    users,
  };
}

/** Every fault of these settings that their schemas do not catch. */
export function ldapFaults({ ldap, ldapBindPassword }: Partial<LdapSettings>, stack: string): string[] {
  const config = ldap === undefined ? null : ldapConfig({ ldap, ldapBindPassword: "" });
  if (config === null) return [];
  const { directory, groups, users } = config;
  const faults = [
    ...ldapDirectoryFaults(directory),
    ...lifetimeFaults("lifetime", config.lifetime),
    ...ldapNameFaults("groups", Object.keys(groups)),
    ...ldapNameFaults("users", Object.keys(users)),
  ].map((text) => `${project}:ldap.${text}`);
  if (directory.userSearch.kind === "bound" && ldapBindPassword === "") {
    const path = `${project}:ldapBindPassword`;
    const remedy = `set it with \`pulumi config set --stack ${stack} --secret ldapBindPassword\``;
    faults.push(fault(path, "must be the password of ldap.userSearch.bindDn", undefined, remedy));
  }
  return faults;
}

type Kind = z.ZodObject<{ readonly kind: z.ZodLiteral<string> }>;

function union<const Options extends readonly [Kind, ...Kind[]]>(name: string, options: Options) {
  const kinds = options.map(({ shape }) => `{kind: "${shape.kind.value}"}`);
  const path = name === "ldap" ? "vaultstack:ldap.kind" : `its kind below vaultstack:ldap`;
  return z.discriminatedUnion("kind", options, { error: `must be ${kinds.join(" or ")}; set ${path}` });
}
