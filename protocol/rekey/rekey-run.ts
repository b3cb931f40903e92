import type { Keyring } from "../keys/escrow.ts";
import type { WantedKeys } from "../keys/key-set.ts";
import type { KeysRecord } from "../keys/keys-record.ts";
import type { HeldLease } from "../frame/lease.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { Place } from "../stops/runbooks.ts";
import type { RekeyInputs } from "./rekey-properties.ts";
import type { RekeyStatus, SealStatus } from "../vault-client/vault-answers.ts";
import type { VaultNode, VaultSession } from "../vault-client/vault-api.ts";

/** What a run knows so far. */
export interface RekeyRun {
  readonly context: ProtocolContext;
  readonly inputs: RekeyInputs;
  readonly place: Place;
  readonly wanted: WantedKeys;
  readonly keyring: Keyring;
  lease: HeldLease | null;
  /** The keys as they stand in the Secret, and the version the next write must find. */
  record: KeysRecord | null;
  version: string | null;
  node: VaultNode | null;
  /** How many shares Vault asks for, and whether a seal keeps the root key, so that they are recovery shares. */
  seal: Pick<SealStatus, "n" | "t" | "recovery_seal"> | null;
  session: VaultSession | null;
  /** The rekey in Vault as it was last seen. */
  operation: RekeyStatus | null;
  /** True once Vault was seen to use the pending keys. */
  verified: boolean;
  /** Nonce of the rekey whose keys this run has archived. */
  archived: string | null;
  /** Nonce of the last rekey that was begun to find out which keys are in use. */
  trial: string | null;
}
