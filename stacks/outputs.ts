import type * as pulumi from "@pulumi/pulumi";

/** Version of {@link StackOutputs}. A field is never removed or given another meaning within one version. */
export const outputsVersion = 1;

/**
 * What a stack tells other stacks and people. Flat, and without secrets: each value may be printed. All are texts and numbers,
 * or lists of texts.
 */
export interface StackOutputs {
  /** Version of this contract. */
  readonly outputsVersion: number;
  /** Kind of Vault server: `standalone`, `raft` for a cluster, or `dev` for the throw-away one. */
  readonly vaultServer: string;
  /** Base URL of Vault's API from outside the cluster. Without a node port and with a tunnel: the tunnel's, which is open while `pulumi` runs. */
  readonly vaultAddress: string;
  /** Base URL of Vault's API inside the cluster. */
  readonly vaultInternalAddress: string;
  /** Namespace of Vault. */
  readonly vaultNamespace: string;
  /** PEM bundle that Vault's certificate is verified with; empty while Vault speaks plain HTTP. */
  readonly vaultCaCertificate: string;
  /** When Vault's certificate ends, RFC 3339; empty while Vault speaks plain HTTP. Its source says who renews it. */
  readonly vaultCertificateExpires: string;
  /** When the first of the trusted authorities ends, RFC 3339; empty while Vault speaks plain HTTP. Nothing renews it. */
  readonly vaultAuthorityExpires: string;
  /** Mount path of the KV version 2 store. */
  readonly kvMount: string;
  /** URL of the web application; empty when it has no node port. */
  readonly webAppUrl: string;
  /** Namespace of the web application. */
  readonly webAppNamespace: string;
  /** Mount path of the login method of the web application, without `auth/`. */
  readonly webAppAuthPath: string;
  /** Role of the web application. */
  readonly webAppRole: string;
  /** Audience of the token that the web application logs in with. */
  readonly webAppAudience: string;
  /** API path of the secret that the web application reads, without `v1/`. */
  readonly webAppSecretPath: string;
  /** Mount path of the login method for people, without `auth/`; empty when no directory is set. */
  readonly ldapAuthPath: string;
  /** Namespace of the second workload identity. */
  readonly demoAppNamespace: string;
  /** Service account of the second workload identity. */
  readonly demoAppServiceAccount: string;
  /** Mount path of the login method of the second workload identity, without `auth/`. */
  readonly demoAppAuthPath: string;
  /** Role of the second workload identity. */
  readonly demoAppRole: string;
  /** Audience of the token that the second workload identity logs in with. */
  readonly demoAppAudience: string;
  /** Mount path of the database engine. */
  readonly databaseMount: string;
  /** Host name of the database inside the cluster. */
  readonly databaseHost: string;
  /** Port of the database. */
  readonly databasePort: number;
  /** Name of the database. */
  readonly databaseName: string;
  /** PEM bundle that the database's certificate is verified with; empty for one without TLS. */
  readonly databaseCaCertificate: string;
  /** Role whose logins may use the schema `public` of the database as they like; they live for minutes. */
  readonly databaseDevRole: string;
  /** Role whose logins may read and write the tables of the schema `public`; they live for an hour at first, and for a quarter of one on a cluster. */
  readonly databaseAppRole: string;
  /** Kubernetes Secret that the operator keeps up to date for the second workload identity; empty without an operator. */
  readonly demoAppSecretName: string;
  /** Mount path of the login method for workloads of other teams, without `auth/`. */
  readonly consumerAuthPath: string;
  /** Audience of the token that they log in with. */
  readonly consumerAudience: string;
  /** Roles of the workloads of other teams, `consumer-<name>` for each of the setting `consumers`. */
  readonly consumerRoles: readonly string[];
  /** Mount path of the login method for agents, without `auth/`; empty when none is set. */
  readonly agentAuthPath: string;
  /** Roles of the agents, which have their names, in the order of the setting `agents`. */
  readonly agentRoles: readonly string[];
  /** Role ids of the agents in the same order: what each logs in with beside a secret id. They are no secrets. */
  readonly agentRoleIds: readonly string[];
  /** Mount path of the login method for tokens of an issuer, without `auth/`; empty when none is set. */
  readonly jwtAuthPath: string;
  /** Roles that such tokens log in under. */
  readonly jwtRoles: readonly string[];
  /** Who may do what in Vault, for people: a line for each subject, login, policy and path. */
  readonly accessMatrix: readonly string[];
}

/** Outputs as a stack function returns them, while they are still to be resolved. */
export type PendingOutputs = { readonly [Name in keyof StackOutputs]: pulumi.Input<Pending<StackOutputs[Name]>> };

type Pending<Value> = Value extends readonly (infer Item)[] ? readonly pulumi.Input<Item>[] : Value;
