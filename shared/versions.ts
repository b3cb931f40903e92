/**
 * Images this project was tested with. They are the defaults of the settings, which may name others.
 *
 * Vault 1.21.0 is the newest release that the tests run against; a newer one may be chosen with `vaultImage`.
 */
export const images = {
  vault: "hashicorp/vault:1.21.0",
  postgres: "postgres:17.10",
  webApp: "vaultstack/web-app:0.2.0",
} as const;

/**
 * Charts this project was tested with. They are the defaults of the settings, which may name others.
 *
 * From 1.5.0 on, the operator's chart changes custom resources in ways that need changes here.
 */
export const charts = {
  secretsOperator: { kind: "repository", url: "https://helm.releases.hashicorp.com", version: "0.10.0" },
} as const;
