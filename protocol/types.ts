/**
 * What crosses the border between the program and the modules that run inside its dynamic providers.
 * Everything here is plain JSON: Pulumi stores inputs and outputs, and hands them back in another process.
 */
import type { PostgresGrant } from "./database/logins/postgres-grant.ts";
import type { PostgresTarget, PostgresTls } from "./database/postgres-target.ts";

/** Which Vault, and how to reach its pods. KUBECONFIG comes from the environment of the process. */
export interface VaultTarget {
  /** Context of the kubeconfig; never the current one by accident. */
  readonly kubeContext: string;
  /** Namespace of the StatefulSet, its claims, the keys Secret and the Lease. */
  readonly namespace: string;
  /** Name of the StatefulSet that runs Vault. */
  readonly statefulSet: string;
  /** Names of all its pods, ordinal 0 first: a decision is never taken from one of them alone. */
  readonly pods: readonly string[];
  /** Port of Vault's API inside the pods. */
  readonly port: number;
  /** How the listener is verified; null when it speaks plain HTTP. */
  readonly tls: null | VaultTlsTarget;
}

/** What a server certificate is verified against, since the connection itself goes to a loopback stream. */
export interface VaultTlsTarget {
  /** A name the certificate carries, also sent as SNI. */
  readonly serverName: string;
  /**
   * Name of the Secret, in the pods' namespace, with the authorities trusted for it. They are read when they are needed: their
   * text is no input, or a preview of another authority would not know the login to Vault, nor anything inside it.
   */
  readonly authoritySecret: string;
}

/** Kept by Pulumi beside every dynamic resource; a failure that stores properties must carry it along. */
export interface SerializedProvider {
  readonly __provider?: string;
}

/** Kinds of seals this project knows, in Vault's own words. With every one but `shamir` nodes unseal themselves. */
export const sealTypes = ["shamir", "transit", "awskms", "gcpckms", "azurekeyvault"] as const;

/** What keeps Vault's root key. */
export type SealType = (typeof sealTypes)[number];

/** True for one of them. */
export function isSealType(word: string): word is SealType {
  return sealTypes.some((type) => type === word);
}

/** A set of keys and who receives them. */
export interface KeySetInputs {
  /** Number of shares the root key is split into. */
  readonly secretShares: number;
  /** Number of shares needed to unseal. */
  readonly secretThreshold: number;
  /** One base64 PGP public key per share. */
  readonly shareRecipients: readonly string[];
  /** Raised to have a new set made for the same holders; 1 is the first. */
  readonly keysGeneration: number;
}

/** Private PGP keys that open what was encrypted to the stack. */
export interface EscrowInputs {
  /** Armored PGP private key; secret. */
  readonly escrowPrivateKey: string;
  /** The one before it, as long as shares in use are encrypted to that; secret. */
  readonly escrowPreviousPrivateKey?: string;
}

/** Inputs of `vault:Init`. */
export interface InitInputs extends SerializedProvider, KeySetInputs, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /** Name of the Secret, beside Vault, that keeps the encrypted shares and, until it was used, the root token. */
  readonly keysSecret: string;
  /** Base64 PGP public key the root token is encrypted to. */
  readonly rootTokenRecipient: string;
  /** Fixed at initialisation. With another than `shamir` the shares are recovery shares. */
  readonly seal: SealType;
  /** Consent to move the root key from this seal to the other; null for none. */
  readonly previousSeal: SealType | null;
  /** Consent to lose what a Vault nobody can open holds. */
  readonly allowReinitialize: boolean;
  /** Consent to take over keys that nothing proves to be this stack's. */
  readonly adoptExisting: boolean;
  /** Raised when the protocol changes so that existing stacks run it again. */
  readonly protocolVersion: number;
}

/** Outputs of `vault:Init`. */
export interface InitOutputs extends InitInputs {
  /** Identifies the keys Vault was initialised with, without revealing any; stays when a rekey replaces them. */
  readonly keysFingerprint: string;
  /** When Vault was initialised, ISO 8601. */
  readonly initializedAt: string;
  /** Encrypted keys that could not be written to the cluster; the next update stores them. Absent when all is well. */
  readonly unsavedKeys?: string;
}

/** Inputs of `vault:Unseal`. */
export interface UnsealInputs extends SerializedProvider, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /** Name of the Secret, beside Vault, that keeps the encrypted shares and, until it was used, the root token. */
  readonly keysSecret: string;
  /** From `VaultInit`: the keys in the Secret must be these, or come from these by a rekey. */
  readonly keysFingerprint: string;
  /** Changes with the pod template, so that a rollout is followed by an unseal. */
  readonly podTemplateHash: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:Unseal`. */
export interface UnsealOutputs extends UnsealInputs {
  /** Identity of the one cluster all nodes belong to. */
  readonly clusterId: string;
  /** True once every node is unsealed and one of them leads. */
  readonly serving: boolean;
  /** Nodes found sealed by a refresh; empty after every update. */
  readonly sealedNodes: readonly string[];
}

/** Inputs of `vault:AdminAccess`. */
export interface AdminAccessInputs extends SerializedProvider, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /** Name of the Secret, beside Vault, that keeps the encrypted shares and, until it was used, the root token. */
  readonly keysSecret: string;
  /** From `VaultUnseal`: another cluster means another login. */
  readonly clusterId: string;
  /** A root token that holders of shares generated, encrypted to the escrow key: for a login lost in their custody. */
  readonly encodedRootToken?: string;
  /** Where the AppRole method is mounted, without `auth/`. */
  readonly authPath: string;
  /** Lifetime of one login in seconds; longer than the longest run. */
  readonly tokenTtl: number;
  /** Policy of the login, as Vault has to keep it. */
  readonly adminPolicy: string;
  /** Policy of the login that may only read. */
  readonly previewPolicy: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:AdminAccess`. */
export interface AdminAccessOutputs extends AdminAccessInputs {
  /** Secret. */
  readonly roleId: string;
  /** Secret. */
  readonly secretId: string;
  /** Name of the policy the login carries. */
  readonly policyName: string;
  /** First half of a login that may only read; secret. */
  readonly previewRoleId: string;
  /** Second half; secret. */
  readonly previewSecretId: string;
}

/** Inputs of `vault:Rekey`. */
export interface RekeyInputs extends SerializedProvider, KeySetInputs, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /** Name of the Secret, beside Vault, that keeps the encrypted shares and, until it was used, the root token. */
  readonly keysSecret: string;
  /** From `VaultUnseal`: the keys of another cluster are not touched. */
  readonly clusterId: string;
  /** Where Pulumi's AppRole is mounted, without `auth/`. */
  readonly authPath: string;
  /** First half of Pulumi's login; secret. */
  readonly roleId: string;
  /** Second half; secret. */
  readonly secretId: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:Rekey`. */
export interface RekeyOutputs extends RekeyInputs {
  /** Identifies the keys in use. */
  readonly keysInUse: string;
}

/** How Pulumi's own login gets a token. */
export type VaultCredential =
  | {
      readonly kind: "app-role";
      /** Where the AppRole method is mounted, without `auth/`. */
      readonly authPath: string;
      readonly roleId: string;
      readonly secretId: string;
    }
  | {
      /** The development server's. */
      readonly kind: "token";
      readonly token: string;
    };

/** What a dynamic resource needs to act inside Vault. */
export interface VaultSessionInputs extends SerializedProvider {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /** Secret. */
  readonly credential: VaultCredential;
}

/** Inputs of `postgres:Ready`, which are its outputs as well. */
export interface PostgresReadyInputs extends SerializedProvider {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  readonly namespace: string;
  /** Name of the StatefulSet; resolves once it is asked for. */
  readonly statefulSet: string;
  /** Name of its pod. */
  readonly pod: string;
  /** Port inside the pod. */
  readonly port: number;
  /** How its certificate is verified. */
  readonly tls: PostgresTls | null;
  /** Changes when the pod is started anew. */
  readonly podsFingerprint: string;
  /** The superuser. */
  readonly username: string;
  /** Its password; secret. */
  readonly password: string;
  readonly protocolVersion: number;
}

/** Inputs of `vault:DatabaseLogin`. */
export interface DatabaseLoginInputs extends VaultSessionInputs {
  /** Path of the database engine. */
  readonly mount: string;
  /** Name of the connection. */
  readonly connection: string;
  /** Way to the server for the admin login. */
  readonly postgres: PostgresTarget;
  readonly adminUsername: string;
  /** Secret. */
  readonly adminPassword: string;
  /** The login that is Vault's own. */
  readonly username: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:DatabaseLogin`. */
export interface DatabaseLoginOutputs extends DatabaseLoginInputs {
  /** Stands in the connection as well: another one or none there says that the connection was made anew. */
  readonly generation: string;
  /** Tells one password from another without revealing any; null where the admin login may not look. */
  readonly passwordFingerprint: string | null;
}

/** How a resource that works inside a database gets there. */
export interface PostgresAdminInputs extends SerializedProvider {
  /** Way to the server for the admin login. */
  readonly postgres: PostgresTarget;
  readonly adminUsername: string;
  /** Secret. */
  readonly adminPassword: string;
  readonly database: string;
}

/** Inputs of `postgres:RemainsRole`. */
export interface RemainsRoleInputs extends PostgresAdminInputs {
  readonly remains: string;
  readonly protocolVersion: number;
}

/** Inputs of `postgres:LoginMakers`. */
export interface LoginMakersInputs extends PostgresAdminInputs {
  /** Vault's own login in the server. */
  readonly login: string;
  readonly owner: string;
  readonly protocolVersion: number;
}

/** Inputs of `postgres:LoginGroup`. */
export interface LoginGroupInputs extends PostgresAdminInputs {
  /** Vault's own login in the server. */
  readonly login: string;
  readonly group: string;
  readonly owner: string;
  /** Owns what ended logins left. */
  readonly remains: string;
  readonly grants: readonly PostgresGrant[];
  readonly protocolVersion: number;
}

/** Inputs of `postgres:LoginBounds`. */
export interface LoginBoundsInputs extends PostgresAdminInputs {
  /** Vault's own login in the server. */
  readonly login: string;
  /** Whether the server has no other users than the stack. */
  readonly own: boolean;
  readonly protocolVersion: number;
}

/** Inputs of `vault:RoleLeases`. */
export interface RoleLeasesInputs extends VaultSessionInputs {
  /** Path of the database engine. */
  readonly mount: string;
  readonly role: string;
  /** Changes with what the role does, so that it is proved again. */
  readonly roleFingerprint: string;
  /** From `vault:DatabaseLogin`; empty for a connection without one. */
  readonly loginGeneration: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:RoleLeases`. */
export interface RoleLeasesOutputs extends RoleLeasesInputs {
  /** Leases of proofs that could not be revoked; the next update tries again. */
  readonly unrevokedLeases: readonly string[];
}

/** Inputs of `vault:Departure`. */
export interface DepartureInputs extends SerializedProvider, EscrowInputs {
  /** The pods that stay. */
  readonly target: VaultTarget;
  /** Name of the Secret, beside Vault, that keeps the encrypted shares and, until it was used, the root token. */
  readonly keysSecret: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:Departure`. */
export interface DepartureOutputs extends DepartureInputs {
  /** Servers the cluster consists of when it is done, at most. */
  readonly remaining: readonly string[];
}

/** Inputs of `vault:Quorum`. */
export interface QuorumInputs extends SerializedProvider {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /** From `VaultUnseal`: the cluster they must belong to. */
  readonly clusterId: string;
  /** Where Pulumi's AppRole is mounted, without `auth/`. */
  readonly authPath: string;
  /** First half of Pulumi's login; secret. */
  readonly roleId: string;
  /** Second half; secret. */
  readonly secretId: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:Quorum`. */
export interface QuorumOutputs extends QuorumInputs {
  /** Servers that vote, in the order of the pods. */
  readonly voters: readonly string[];
  /** How many servers may be lost before the cluster stops. */
  readonly failureTolerance: number;
}

/** Data that a resource keeps and nobody else has. */
export interface DataAtStake {
  /** Name of the resource in the program. */
  readonly resource: string;
  readonly type: string;
  /** What would be lost with it, for people. */
  readonly data: string;
  /** With another identity it would be another resource, without the data. */
  readonly identity: Readonly<Record<string, string>>;
}

/** Inputs of `stack:DataGuard`. */
export interface DataGuardInputs extends SerializedProvider {
  /** Absent when the program ended before it was known. */
  readonly data?: readonly DataAtStake[];
  /** Names of resources whose data this run may lose; not stored. */
  readonly allowDataLoss?: readonly string[];
  readonly protocolVersion: number;
}

/** Outputs of `stack:DataGuard`. */
export type DataGuardOutputs = DataGuardInputs;

/** Name of the policy that Pulumi's own login carries. */
export const adminPolicyName = "pulumi-admin";

/** Name of the AppRole that Pulumi logs in with. */
export const adminRoleName = "pulumi";

/** Name of the policy that the login for previews carries. */
export const previewPolicyName = "pulumi-preview";

/** Name of the other one it carries: the program writes it, because it alone knows its mounts. */
export const previewMountsPolicyName = "pulumi-preview-mounts";

/** Name of the AppRole that previews log in with. */
export const previewRoleName = "pulumi-preview";
