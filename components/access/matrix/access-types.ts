/** Types of the resources that let somebody into Vault or allow something, as the engine sees them. */
export const accessTypes = {
  adminAccess: "pulumi-nodejs:dynamic/vault:AdminAccess",
  policy: "vault:index/policy:Policy",
  kubernetesRole: "vault:kubernetes/authBackendRole:AuthBackendRole",
  appRole: "vault:appRole/authBackendRole:AuthBackendRole",
  jwtMethod: "vault:jwt/authBackend:AuthBackend",
  jwtRole: "vault:jwt/authBackendRole:AuthBackendRole",
  ldapMethod: "vault:ldap/authBackend:AuthBackend",
  ldapGroup: "vault:ldap/authBackendGroup:AuthBackendGroup",
  ldapUser: "vault:ldap/authBackendUser:AuthBackendUser",
  databaseRole: "vault:database/secretBackendRole:SecretBackendRole",
  databaseStaticRole: "vault:database/secretBackendStaticRole:SecretBackendStaticRole",
  pkiRole: "vault:pkiSecret/secretBackendRole:SecretBackendRole",
} as const;
