import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import type { EscrowInputs } from "../keys/escrow.ts";

/** Inputs of `vault:ScaleDown`. */
export interface ScaleDownInputs extends SerializedProvider, EscrowInputs {
  /** The pods that stay. */
  readonly target: VaultTarget;
  /**
   * Name of the Secret, in Vault's namespace, that keeps the encrypted shares and, until it has been used, the root
   * token.
   */
  readonly keysSecret: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:ScaleDown`. */
export interface ScaleDownOutputs extends ScaleDownInputs {
  /** Servers the cluster consists of when it is done, at most. */
  readonly remaining: readonly string[];
}
