import { z } from "zod";
import { type LoginKind, manage } from "../../shared/mount-kind.ts";
import type { DeclaredLogin } from "../matrix/access-matrix.ts";
import type { DeclaredResource } from "../matrix/access-reader.ts";
import { declaredMethod } from "../matrix/declared-method.ts";
import { texts, tokenFields, tokenLogin } from "../matrix/token-login.ts";
import { configRules } from "./login-rules.ts";

/** Types of the resources that are a directory and what its groups and people may do. */
export const ldapTypes = {
  method: "vault:ldap/authBackend:AuthBackend",
  group: "vault:ldap/authBackendGroup:AuthBackendGroup",
  user: "vault:ldap/authBackendUser:AuthBackendUser",
} as const;

const methodFields = z.looseObject({ ...tokenFields, path: z.string() });
// Strict where a field decides who gets in: one that is not understood here must not go unnoticed.
const groupFields = z.strictObject({ backend: z.string(), groupname: z.string(), policies: texts });
const userFields = z.strictObject({ backend: z.string(), username: z.string(), groups: texts, policies: texts });

/** Login of people with the accounts of a directory. */
export const ldapKind: LoginKind = {
  name: "ldap",
  component: "LdapAuth",
  method: ldapTypes.method,
  adminRules: {
    ...configRules,
    "auth/+/groups": { capabilities: ["list"], because: "list groups of an LDAP directory" },
    "auth/+/groups/*": { capabilities: manage, because: "what groups of an LDAP directory may do" },
    "auth/+/users": { capabilities: ["list"], because: "list people with rights of their own" },
    "auth/+/users/*": { capabilities: manage, because: "what single people of an LDAP directory may do" },
  },
  access: {
    [ldapTypes.group]: (inputs, all) => {
      const { backend, groupname, policies } = groupFields.parse(inputs);
      return { logins: [directoryLogin(all, { backend, role: `group ${groupname}`, policies })] };
    },
    [ldapTypes.user]: (inputs, all) => {
      const { backend, username, groups, policies } = userFields.parse(inputs);
      const memberOf = groups.map((group) => group.toLowerCase());
      const ofGroups = all
        .filter(({ type }) => type === ldapTypes.group)
        .map((group) => groupFields.parse(group.inputs))
        .filter((group) => group.backend === backend && memberOf.includes(group.groupname.toLowerCase()));
      const granted = [...policies, ...ofGroups.flatMap((group) => group.policies)];
      return { logins: [directoryLogin(all, { backend, role: `user ${username}`, policies: granted })] };
    },
  },
  parts: [
    {
      kind: "directory group",
      folder: "groups",
      resource: ldapTypes.group,
      code: (name, mount) => `groups: { ${name}: … } of the LdapAuth at ${mount}`,
    },
    {
      kind: "directory user",
      folder: "users",
      resource: ldapTypes.user,
      code: (name, mount) => `users: { ${name}: … } of the LdapAuth at ${mount}`,
    },
  ],
  code: (path) => `new LdapAuth(${path}, { path: ${path}, adopt: true, … }, insideVault)`,
};

interface Granted {
  readonly backend: string;
  readonly role: string;
  readonly policies: readonly string[];
}

/** A group or a person of a directory; the method says how long a token lives. */
function directoryLogin(all: readonly DeclaredResource[], { backend, role, policies }: Granted): DeclaredLogin {
  const kind = { type: ldapTypes.method, schema: methodFields, component: "LdapAuth" };
  const method = declaredMethod(all, backend, kind);
  const granted = [...new Set([...policies, ...method.tokenPolicies])];
  return tokenLogin(
    { ...method, tokenPolicies: granted },
    { authPath: backend, role, subjects: [`ldap ${role}`], bounds: {} },
  );
}
