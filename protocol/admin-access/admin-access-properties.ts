import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import type { EscrowInputs } from "../keys/escrow.ts";

/** Inputs of `vault:AdminAccess`. */
export interface AdminAccessInputs extends SerializedProvider, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /**
   * Name of the Secret, in Vault's namespace, that keeps the encrypted shares and, until it has been used, the root
   * token.
   */
  readonly keysSecret: string;
  /** From `VaultUnseal`: another cluster means another login. */
  readonly clusterId: string;
  /**
   * A root token that holders of shares generated, encrypted to the escrow key: for a lost login when they have custody
   * of the shares.
   */
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
