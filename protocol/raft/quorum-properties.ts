import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

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
