import type { VaultOutputs } from "./contract.ts";

/** How a workload logs in to Vault by its service account. */
export interface WorkloadLogin {
  /** Base URL of Vault inside the cluster. */
  readonly address: string;
  /** PEM bundle that Vault is verified with; empty while Vault speaks plain HTTP. */
  readonly caCertificate: string;
  /** Mount path of the login method, without `auth/`. */
  readonly authPath: string;
  readonly role: string;
  /** Audience of the token to log in with. */
  readonly audience: string;
}

/**
 * The login of a workload that the Vault stack lets in through its setting `consumers`.
 * @param outputs The outputs of the Vault stack.
 * @returns What it needs to log in.
 * @throws {Error} When the Vault stack has no such consumer.
 */
export function workloadLogin(outputs: VaultOutputs, consumer: string): WorkloadLogin {
  const role = `consumer-${consumer}`;
  if (!outputs.consumerRoles.includes(role)) {
    const known = outputs.consumerRoles.join(", ");
    throw new Error(
      `the consumer: must be among those of the Vault stack (${known}), got "${consumer}"; add it to that stack's setting consumers`,
    );
  }
  return {
    address: outputs.vaultInternalAddress,
    caCertificate: outputs.vaultCaCertificate,
    authPath: outputs.consumerAuthPath,
    role,
    audience: outputs.consumerAudience,
  };
}

/**
 * API path of a secret in the stack's store, for requests after `v1/`.
 * @param outputs The outputs of the Vault stack.
 * @param name Name of the secret, as `vault kv get` takes it.
 * @returns `<mount>/data/<name>`.
 */
export function secretPath({ kvMount }: VaultOutputs, name: string): string {
  return `${kvMount}/data/${name}`;
}

/** A database role whose logins are requested. */
export type DatabaseRoleName = "app" | "dev";

/**
 * API path that issues a login of the database.
 * @param outputs The outputs of the Vault stack.
 * @param role Whose rights the login has.
 * @returns `<mount>/creds/<role>`.
 * @throws {Error} When the Vault stack has no database.
 */
export function databaseLoginPath(outputs: VaultOutputs, role: DatabaseRoleName): string {
  const { databaseMount, databaseAppRole, databaseDevRole } = outputs;
  if (databaseMount === "") {
    throw new Error("the database: must be there, got a Vault stack without one; use another Vault stack");
  }
  return `${databaseMount}/creds/${role === "app" ? databaseAppRole : databaseDevRole}`;
}

/**
 * Environment variables for a Vault client, as the command line and the libraries read them.
 * @param caFile Where the pod finds the PEM bundle, when there is one.
 */
export function clientVariables({ address, caCertificate }: WorkloadLogin, caFile: string): Record<string, string> {
  return { VAULT_ADDR: address, ...(caCertificate !== "" && { VAULT_CACERT: caFile }) };
}
