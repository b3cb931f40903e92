import { z } from "zod";
import type { LoginKind } from "../../shared/mount-kind.ts";
import { tokenFields, tokenLogin } from "../matrix/token-login.ts";
import { configRules, loginRoles, roleRules } from "./login-rules.ts";

/** Type of the resource that is a role of a Kubernetes login method. */
export const kubernetesRoleType = "vault:kubernetes/authBackendRole:AuthBackendRole";

// Strict where a field decides who gets in: one that is not understood here must not go unnoticed.
const role = z.strictObject({
  ...tokenFields,
  backend: z.string(),
  roleName: z.string(),
  boundServiceAccountNames: z.array(z.string()),
  boundServiceAccountNamespaces: z.array(z.string()),
  audience: z.string().optional(),
});

/** Login by service accounts of Kubernetes. */
export const kubernetesKind: LoginKind = {
  name: "kubernetes",
  component: "KubernetesAuth",
  adminRules: { ...configRules, ...roleRules },
  access: {
    [kubernetesRoleType]: (inputs) => {
      const { backend, roleName, audience, ...fields } = role.parse(inputs);
      // Vault checks the name and the namespace separately: every combination of the two lists may log in.
      const subjects = fields.boundServiceAccountNamespaces.flatMap((namespace) =>
        fields.boundServiceAccountNames.map((account) => `serviceaccount ${namespace}/${account}`),
      );
      const bounds = audience === undefined ? {} : { audience: [audience] };
      return { logins: [tokenLogin(fields, { authPath: backend, role: `role ${roleName}`, subjects, bounds })] };
    },
  },
  parts: [loginRoles(kubernetesRoleType)],
  code: (path) => `new KubernetesAuth(${path}, { path: ${path}, adopt: true, roles: { … } }, insideVault)`,
};
