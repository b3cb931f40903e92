import type { Provider, ResourceType } from "../shared/provider.ts";
import { apiObject } from "./api-object.ts";
import { appRole, appRoleSecretId } from "./resources/app-role.ts";
import { audit } from "./resources/audit.ts";
import { authBackend } from "./resources/auth-backend.ts";
import { databaseConnection, databaseRole, databaseStaticRole } from "./resources/database.ts";
import { jwtAuthBackend, jwtRole } from "./resources/jwt.ts";
import { kubernetesConfig, kubernetesRole } from "./resources/kubernetes.ts";
import { kvSettings } from "./resources/kv.ts";
import { kvSecret } from "./resources/kv-secret.ts";
import { ldapAuthBackend, ldapGroup, ldapUser } from "./resources/ldap.ts";
import { mount } from "./resources/mount.ts";
import { pkiIssuers, pkiRequest, pkiRole, pkiRoot, pkiSetSigned, pkiSignature, pkiUrls } from "./resources/pki.ts";
import { policy } from "./resources/policy.ts";
import { raftAutopilot } from "./resources/raft-autopilot.ts";
import { transitKey } from "./resources/transit.ts";
import { settingFaults, settingRules, settingsFrom, type Environment } from "./settings.ts";
import { VaultSession } from "./vault-session.ts";

/**
 * Stand-in of the official Vault provider, over Vault's HTTP API.
 * @param environment where settings come from that the program leaves out
 * @param backOffMilliseconds wait before the first repetition of a request
 */
export function vaultProvider(environment: Environment, backOffMilliseconds?: number): Provider {
  let session: VaultSession | undefined;
  const vault = (): VaultSession => {
    if (session === undefined) throw new Error("the provider is used before it is configured");
    return session;
  };
  const types: Readonly<Record<string, ResourceType>> = {
    "vault:index/mount:Mount": mount(vault),
    "vault:index/authBackend:AuthBackend": authBackend(vault),
    "vault:index/policy:Policy": policy(vault),
    "vault:index/audit:Audit": audit(vault),
    "vault:index/raftAutopilot:RaftAutopilot": raftAutopilot(vault),
    "vault:kv/secretV2:SecretV2": kvSecret(vault),
    "vault:kv/secretBackendV2:SecretBackendV2": apiObject(kvSettings, vault),
    "vault:kubernetes/authBackendConfig:AuthBackendConfig": apiObject(kubernetesConfig, vault),
    "vault:kubernetes/authBackendRole:AuthBackendRole": apiObject(kubernetesRole, vault),
    "vault:jwt/authBackend:AuthBackend": jwtAuthBackend(vault),
    "vault:jwt/authBackendRole:AuthBackendRole": apiObject(jwtRole, vault),
    "vault:ldap/authBackend:AuthBackend": ldapAuthBackend(vault),
    "vault:ldap/authBackendGroup:AuthBackendGroup": apiObject(ldapGroup, vault),
    "vault:ldap/authBackendUser:AuthBackendUser": apiObject(ldapUser, vault),
    "vault:appRole/authBackendRole:AuthBackendRole": apiObject(appRole, vault),
    "vault:appRole/authBackendRoleSecretId:AuthBackendRoleSecretId": appRoleSecretId(vault),
    "vault:database/secretBackendConnection:SecretBackendConnection": databaseConnection(vault),
    "vault:database/secretBackendRole:SecretBackendRole": apiObject(databaseRole, vault),
    "vault:database/secretBackendStaticRole:SecretBackendStaticRole": apiObject(databaseStaticRole, vault),
    "vault:pkiSecret/secretBackendRootCert:SecretBackendRootCert": pkiRoot(vault),
    "vault:pkiSecret/secretBackendIntermediateCertRequest:SecretBackendIntermediateCertRequest": pkiRequest(vault),
    "vault:pkiSecret/secretBackendRootSignIntermediate:SecretBackendRootSignIntermediate": pkiSignature(vault),
    "vault:pkiSecret/secretBackendIntermediateSetSigned:SecretBackendIntermediateSetSigned": pkiSetSigned(vault),
    "vault:pkiSecret/secretBackendConfigUrls:SecretBackendConfigUrls": apiObject(pkiUrls, vault),
    "vault:pkiSecret/secretBackendConfigIssuers:SecretBackendConfigIssuers": apiObject(pkiIssuers, vault),
    "vault:pkiSecret/secretBackendRole:SecretBackendRole": apiObject(pkiRole, vault),
    "vault:transit/secretBackendKey:SecretBackendKey": transitKey(vault),
  };
  return {
    name: "vault",
    version: "7.8.0",
    config: {
      properties: settingRules,
      faults: (config) => settingFaults(config, environment),
      configure: (config, host) => {
        session = new VaultSession(settingsFrom(config, environment), host, backOffMilliseconds);
      },
    },
    resourceType: (token) => types[token],
    close: () => session?.close(),
  };
}
