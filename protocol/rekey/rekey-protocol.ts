import { openKeyring } from "../keys/escrow.ts";
import { wantedKeys } from "../init/init-protocol.ts";
import { makesWanted } from "../keys/key-set.ts";
import { releaseKeysLease, takeKeysLease } from "../keys/keys-lease.ts";
import type { KeysRecord } from "../keys/keys-record.ts";
import { placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
import { findLeader, logIn, logOut, lookAtOperation, needsRekey, readOwnKeys } from "./rekey-evidence.ts";
import { announceKeys, fetchShares, giveShares, startRekey, verifyShares } from "./rekey-operation.ts";
import {
  archiveNewKeys,
  archiveOldKeys,
  dropBackup,
  dropPending,
  isUnsettled,
  promoteKeys,
  settlePending,
} from "./rekey-settlement.ts";
import { runSteps, type Step } from "../frame/steps.ts";
import type { RekeyInputs } from "./rekey-properties.ts";
import type { RekeyRun } from "./rekey-run.ts";

/**
 * The steps in order. Vault starts to use new keys only once they have been shown to it, and before they are shown they
 * are in the Secret, encrypted, and in an archive of their own; the old ones leave their place only afterwards. So
 * whatever dies between two steps, or whoever acts between them, the keys in use are in a Secret, and the next run
 * finds out which of the two sets they are.
 */
export const rekeySteps: readonly Step<RekeyRun>[] = [
  { name: "take-lease", run: takeKeysLease },
  { name: "read-keys", run: readOwnKeys },
  { name: "find-leader", run: findLeader },
  { name: "log-in", applies: hasWork, run: logIn },
  { name: "look-at-operation", applies: hasWork, run: lookAtOperation },
  { name: "archive-new", applies: hasUnarchived, run: archiveNewKeys },
  { name: "settle-pending", applies: isUnsettled, run: settlePending },
  // The settings changed again before the rekey they asked for was done.
  { name: "drop-pending", applies: isUnwanted, run: dropPending },
  { name: "announce", applies: (run) => needsRekey(run) && run.record?.pending === undefined, run: announceKeys },
  { name: "start-rekey", applies: (run) => isMaking(run) && run.operation?.started === false, run: startRekey },
  { name: "give-shares", applies: (run) => isMaking(run) && run.operation?.verification_nonce === "", run: giveShares },
  { name: "fetch-shares", applies: isMaking, run: fetchShares },
  { name: "archive-made", applies: hasUnarchived, run: archiveNewKeys },
  { name: "verify-shares", applies: (run) => hasShares(run) && !run.verified, run: verifyShares },
  { name: "archive-old", applies: hasShares, run: archiveOldKeys },
  { name: "drop-backup", applies: hasShares, run: dropBackup },
  { name: "promote", applies: hasShares, run: promoteKeys },
  { name: "log-out", applies: ({ session }) => session !== null, run: logOut },
  { name: "release-lease", run: releaseKeysLease },
];

/**
 * Makes the keys in use the ones asked for, or leaves them as they are.
 *
 * @returns the keys in use, encrypted, as they stand in the Secret.
 * @throws ProtocolStop when holders of shares, or a person, must act first.
 */
export async function runRekey(context: ProtocolContext, inputs: RekeyInputs): Promise<KeysRecord> {
  const run: RekeyRun = {
    context,
    inputs,
    place: placeOf(inputs.target, inputs.keysSecret),
    wanted: await wantedKeys(inputs),
    keyring: await openKeyring(inputs),
    lease: null,
    record: null,
    version: null,
    node: null,
    seal: null,
    session: null,
    operation: null,
    verified: false,
    archived: null,
    trial: null,
  };
  try {
    await runSteps("rekey", rekeySteps, run, context.observe);
  } catch (error) {
    await logOut(run);
    await releaseKeysLease(run);
    throw error;
  }
  if (run.record === null) throw new Error("rekey: ended without keys and without a reason");
  return run.record;
}

function hasWork(run: RekeyRun): boolean {
  return run.record?.pending !== undefined || needsRekey(run);
}

function isUnwanted(run: RekeyRun): boolean {
  const { record, wanted, verified } = run;
  return record?.pending !== undefined && !verified && !makesWanted(record.pending, wanted);
}

/** The new shares are announced and not in the Secret yet. */
function isMaking({ record }: RekeyRun): boolean {
  return record?.pending?.shares === null;
}

/** New shares that this run has not kept anywhere else yet. */
function hasUnarchived(run: RekeyRun): boolean {
  return hasShares(run) && run.record?.pending?.nonce !== run.archived;
}

function hasShares({ record }: RekeyRun): boolean {
  return record?.pending?.shares != null;
}
