import { createHash } from "node:crypto";
import { z } from "zod";
import type { LoginKind } from "../../shared/mount-kind.ts";
import type { DeclaredResource } from "../matrix/access-reader.ts";
import { declaredMethod } from "../matrix/declared-method.ts";
import { ifAny, texts, tokenFields, tokenLogin } from "../matrix/token-login.ts";
import { configRules, loginRoles, roleRules } from "./login-rules.ts";

/** Types of the resources that are a JWT login method and its roles. */
export const jwtTypes = {
  method: "vault:jwt/authBackend:AuthBackend",
  role: "vault:jwt/authBackendRole:AuthBackendRole",
} as const;

// Strict, because every setting may decide who gets in.
const roleFields = z.strictObject({
  ...tokenFields,
  backend: z.string(),
  roleName: z.string(),
  roleType: z.string(),
  userClaim: z.string(),
  boundAudiences: texts,
  boundSubject: z.string().optional(),
  boundClaims: z.record(z.string(), z.string()).default({}),
  boundClaimsType: z.string().optional(),
});
const methodFields = z.strictObject({
  path: z.string(),
  type: z.literal("jwt"),
  boundIssuer: z.string(),
  oidcDiscoveryUrl: z.string().optional(),
  oidcDiscoveryCaPem: z.string().optional(),
  jwksUrl: z.string().optional(),
  jwksCaPem: z.string().optional(),
  jwtValidationPubkeys: z.array(z.string()).default([]),
  jwtSupportedAlgs: z.array(z.string()),
});

/** Login with tokens from an issuer. */
export const jwtKind: LoginKind = {
  name: "jwt",
  component: "JwtAuth",
  method: jwtTypes.method,
  alias: "oidc",
  adminRules: { ...configRules, ...roleRules },
  access: {
    [jwtTypes.role]: (inputs, all) => {
      const {
        backend,
        roleName,
        userClaim,
        boundSubject,
        boundClaimsType = "string",
        ...role
      } = roleFields.parse(inputs);
      const claims = Object.entries(role.boundClaims).map(([claim, value]) => [
        `claim ${claim}${boundClaimsType === "string" ? "" : ` (${boundClaimsType})`}`,
        value.split(","),
      ]);
      const bounds = {
        ...methodBounds(all, backend),
        ...ifAny("audience", role.boundAudiences),
        ...ifAny("subject", boundSubject === undefined ? [] : [boundSubject]),
        ...(Object.fromEntries(claims) as Record<string, string[]>),
      };
      const subjects = [`${role.roleType} ${roleName}, named by ${userClaim}`];
      return { logins: [tokenLogin(role, { authPath: backend, role: `role ${roleName}`, subjects, bounds })] };
    },
  },
  parts: [loginRoles(jwtTypes.role)],
  code: (path) => `new JwtAuth(${path}, { path: ${path}, adopt: true, issuer: …, roles: { … } }, insideVault)`,
};

/**
 * What every token of a JWT method must meet, whatever its role: its issuer, and the source of the keys that verify it.
 */
function methodBounds(resources: readonly DeclaredResource[], backend: string): Record<string, readonly string[]> {
  const kind = { type: jwtTypes.method, schema: methodFields, component: "JwtAuth" };
  const method = declaredMethod(resources, backend, kind);
  const { boundIssuer, oidcDiscoveryUrl, oidcDiscoveryCaPem, jwksUrl, jwksCaPem, jwtValidationPubkeys } = method;
  const keys = [
    ...(oidcDiscoveryUrl === undefined ? [] : [`discovery ${oidcDiscoveryUrl}${trusting(oidcDiscoveryCaPem)}`]),
    ...(jwksUrl === undefined ? [] : [`jwks ${jwksUrl}${trusting(jwksCaPem)}`]),
    ...jwtValidationPubkeys.map((key) => `public key ${fingerprint(key)}`),
  ];
  return { issuer: [boundIssuer], keys };
}

/** Whoever can vouch for the server that has the keys can supply other keys. */
function trusting(caCertificate: string | undefined): string {
  return caCertificate === undefined ? "" : ` verified by ${fingerprint(caCertificate)}`;
}

function fingerprint(pem: string): string {
  return createHash("sha256").update(pem.trim()).digest("hex").slice(0, 16);
}
