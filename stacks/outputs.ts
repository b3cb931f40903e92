import type * as pulumi from "@pulumi/pulumi";
import type { DemoOutputs } from "../demo/demo.ts";

/** Version of {@link StackOutputs}. A field is never removed or given another meaning within one version. */
export const outputsVersion = 2;

/**
 * What a stack tells other stacks and people, without secrets: each value may be printed. All are strings, numbers, or
 * lists of strings, except for the demonstration, which has an object of its own.
 */
export interface StackOutputs {
  /** Version of this contract. */
  readonly outputsVersion: number;
  /** Kind of Vault server: `standalone`, `raft` for a cluster, or `in-memory` for the throw-away one. */
  readonly vaultServer: string;
  /**
   * Base URL of Vault's API from outside the cluster. Without a node port and with a tunnel: the tunnel's, which is
   * open while `pulumi` runs.
   */
  readonly vaultAddress: string;
  /** Base URL of Vault's API inside the cluster. */
  readonly vaultInternalAddress: string;
  /** Namespace of Vault. */
  readonly vaultNamespace: string;
  /** PEM bundle that Vault's certificate is verified with; empty while Vault speaks plain HTTP. */
  readonly vaultCaCertificate: string;
  /** When Vault's certificate expires, RFC 3339; empty while Vault speaks plain HTTP. Its source says who renews it. */
  readonly vaultCertificateExpires: string;
  /**
   * When the first of the trusted authorities expires, RFC 3339; empty with plain HTTP. Nothing renews it.
   */
  readonly vaultAuthorityExpires: string;
  /** Mount path of the KV version 2 store. */
  readonly kvMount: string;
  /** Mount path of the login method for people, without `auth/`; empty when no directory is set. */
  readonly ldapAuthPath: string;
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
  /** Role whose logins have full use of the schema `public` of the database; they live for minutes. */
  readonly databaseDevRole: string;
  /**
   * Role whose logins may read and write the tables of the schema `public`; a login lives for an hour unless renewed,
   * and for a quarter of an hour on a cluster.
   */
  readonly databaseAppRole: string;
  /** Mount path of the login method for workloads of other teams, without `auth/`. */
  readonly consumerAuthPath: string;
  /** Audience of the token that they log in with. */
  readonly consumerAudience: string;
  /** Roles of the workloads of other teams, `consumer-<name>` for each of the setting `consumers`. */
  readonly consumerRoles: readonly string[];
  /** Mount path of the login method for agents, without `auth/`; empty when none is set. */
  readonly agentAuthPath: string;
  /** Roles of the agents, named like the agents, in the order of the setting `agents`. */
  readonly agentRoles: readonly string[];
  /** Role ids of the agents in the same order: what each logs in with besides a secret id. They are not secret. */
  readonly agentRoleIds: readonly string[];
  /** Mount path of the login method for tokens of an issuer, without `auth/`; empty when none is set. */
  readonly jwtAuthPath: string;
  /** Roles that such tokens log in under. */
  readonly jwtRoles: readonly string[];
  /** What the demonstration tells people, as {@link DemoOutputs}; empty in a stack without one. */
  readonly demo: Readonly<Record<string, string>>;
  /** Who may do what in Vault, for people: a line for each subject, login, policy and path. */
  readonly accessMatrix: readonly string[];
}

/** Outputs as a stack function returns them, while they are still to be resolved. */
export type PendingOutputs = {
  readonly [Name in Exclude<keyof StackOutputs, "demo">]: pulumi.Input<Pending<StackOutputs[Name]>>;
} & { readonly demo: DemoOutputs | Readonly<Record<string, never>> };

type Pending<Value> = Value extends readonly (infer Item)[] ? readonly pulumi.Input<Item>[] : Value;
