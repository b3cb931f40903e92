import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";
import type { KeySetInputs } from "../keys/key-set.ts";
import type { EscrowInputs } from "../keys/escrow.ts";

/** Inputs of `vault:Rekey`. */
export interface RekeyInputs extends SerializedProvider, KeySetInputs, EscrowInputs {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /**
   * Name of the Secret, in Vault's namespace, that keeps the encrypted shares and, until it has been used, the root
   * token.
   */
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
