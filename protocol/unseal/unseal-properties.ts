import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import type { EscrowInputs } from "../keys/escrow.ts";

/** Inputs of `vault:Unseal`. */
export interface UnsealInputs extends SerializedProvider, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /**
   * Name of the Secret, in Vault's namespace, that keeps the encrypted shares and, until it has been used, the root
   * token.
   */
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
