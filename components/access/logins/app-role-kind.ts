import { z } from "zod";
import type { LoginKind } from "../../shared/mount-kind.ts";
import { ifAny, ifSet, texts, tokenFields, tokenLogin } from "../matrix/token-login.ts";
import { loginRoles, roleRules } from "./login-rules.ts";

/** Type of the resource that is an AppRole. */
export const appRoleType = "vault:appRole/authBackendRole:AuthBackendRole";

// Strict where a field decides who gets in: one that is not understood here must not go unnoticed.
const role = z.strictObject({
  ...tokenFields,
  backend: z.string(),
  roleName: z.string(),
  bindSecretId: z.boolean().default(true),
  secretIdBoundCidrs: texts,
  secretIdNumUses: z.number().default(0),
  secretIdTtl: z.number().default(0),
});

const roles = loginRoles(appRoleType);

/** Login of machines by a role id and a secret id. */
export const appRoleKind: LoginKind = {
  name: "approle",
  component: "AppRoleAuth",
  adminRules: roleRules,
  access: {
    [appRoleType]: (inputs) => {
      const { backend, roleName, secretIdBoundCidrs, secretIdNumUses, secretIdTtl, ...fields } = role.parse(inputs);
      const who = fields.bindSecretId ? `approle ${roleName}` : `whoever knows the role id of ${roleName}`;
      const bounds = ifAny("secretIdCidr", secretIdBoundCidrs);
      const limits = { ...ifSet("secretIdUses", secretIdNumUses), ...ifSet("secretIdTtl", secretIdTtl) };
      const login = { authPath: backend, role: `role ${roleName}`, subjects: [who], bounds, limits };
      return { logins: [tokenLogin(fields, login)] };
    },
  },
  parts: [{ ...roles, imported: true, code: (name, mount) => `${roles.code(name, mount)}, with adopt: true` }],
  code: (path) => `new AppRoleAuth(${path}, { path: ${path}, adopt: true, roles: { … } }, insideVault)`,
};
