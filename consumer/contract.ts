/** Kind of an output: a string, a number, or a list of strings. */
export type OutputKind = "number" | "text" | "texts";

/** Version of the outputs that this package reads. */
export const contractVersion = 2;

/**
 * Outputs v2, without those of a demonstration, which no other stack should read. Within a version, none is removed and
 * none changes its kind or meaning; new ones may be added. What each means is documented with the stack, in
 * `stacks/outputs.ts`.
 */
export const outputsV2 = {
  accessMatrix: "texts",
  agentAuthPath: "text",
  agentRoleIds: "texts",
  agentRoles: "texts",
  consumerAudience: "text",
  consumerAuthPath: "text",
  consumerRoles: "texts",
  databaseAppRole: "text",
  databaseCaCertificate: "text",
  databaseDevRole: "text",
  databaseHost: "text",
  databaseMount: "text",
  databaseName: "text",
  databasePort: "number",
  jwtAuthPath: "text",
  jwtRoles: "texts",
  kvMount: "text",
  ldapAuthPath: "text",
  outputsVersion: "number",
  vaultAddress: "text",
  vaultAuthorityExpires: "text",
  vaultCaCertificate: "text",
  vaultCertificateExpires: "text",
  vaultInternalAddress: "text",
  vaultNamespace: "text",
  vaultServer: "text",
} as const satisfies Readonly<Record<string, OutputKind>>;

interface Kinds {
  readonly number: number;
  readonly text: string;
  readonly texts: readonly string[];
}

/** The outputs of a stack, by name. */
export type VaultOutputs = { readonly [Name in keyof typeof outputsV2]: Kinds[(typeof outputsV2)[Name]] };
