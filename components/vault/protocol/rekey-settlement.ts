import { differenceOf, keysFingerprintOf, originOf } from "./key-set.ts";
import type { KeysRecord } from "./keys-record.ts";
import { archiveKeySet } from "./keys-archive.ts";
import { fitsVault, rekeyOf } from "./rekey-evidence.ts";
import { giveAll, type GoTo, recordOf, writeRecord } from "./rekey-operation.ts";
import type { RekeyRun } from "./rekey-protocol.ts";
import { openShares } from "./shares.ts";

/** True when new shares are in the Secret and Vault does not wait to see them: it has, or it has forgotten them. */
export function isUnsettled({ record, operation, verified }: RekeyRun): boolean {
  const pending = record?.pending;
  const waits =
    operation?.started === true && operation.verification_nonce !== "" && operation.nonce === pending?.nonce;
  return pending?.shares != null && !waits && !verified;
}

/**
 * Finds out which of the two sets is in use, and goes on from there. A restart, a new leader or a cancellation makes
 * Vault forget new keys that were not shown yet; the last share shown takes them into use, even when nobody heard it.
 */
export async function settlePending(run: RekeyRun): Promise<GoTo> {
  const record = recordOf(run);
  const { operation } = run;
  if (operation?.started === true) {
    // Begun by a run that died, for keys that were made before: it is in the way of finding out.
    await rekeyOf(run).cancelRekey(operation.nonce);
    return { goTo: "look-at-operation" };
  }
  const inUse = await setInUse(run, record);
  if (inUse === "new") {
    run.verified = true;
    return undefined;
  }
  if (inUse === "unknown") {
    // Neither may get lost: the holders' shares will tell in the next rekey which of them it was.
    await archiveKeySet(run.context, run.place, { ...promoted(run, record), rootToken: null });
  }
  return (await writeRecord(run, withoutPending(record))) ?? { goTo: "read-keys" };
}

/** Gives up new keys that nobody wants any more and that Vault does not use. */
export async function dropPending(run: RekeyRun): Promise<GoTo> {
  if (run.operation?.started === true) {
    await rekeyOf(run).cancelRekey(run.operation.nonce);
  }
  return (await writeRecord(run, withoutPending(recordOf(run)))) ?? { goTo: "read-keys" };
}

/** Keeps the old keys beside the new ones: they open what was copied of Vault's storage before. */
export async function archiveOldKeys(run: RekeyRun): Promise<undefined> {
  await archiveKeySet(run.context, run.place, { ...withoutPending(recordOf(run)), rootToken: null });
}

/** The copy in Vault has done its work. */
export async function dropBackup(run: RekeyRun): Promise<undefined> {
  await rekeyOf(run).deleteRekeyBackup();
}

/** The new keys take the place of the old ones. */
export async function promoteKeys(run: RekeyRun): Promise<GoTo> {
  const record = promoted(run, recordOf(run));
  const conflict = await writeRecord(run, record);
  if (conflict !== undefined) {
    return conflict;
  }
  run.verified = false;
  // An earlier run's keys, while the settings ask for others by now.
  return differenceOf(record, run.wanted) === null ? undefined : { goTo: "read-keys" };
}

async function setInUse(run: RekeyRun, record: KeysRecord): Promise<"old" | "new" | "unknown"> {
  const { pending } = record;
  if (pending?.shares == null || run.seal === null) {
    return "old";
  }
  const fitsOld = fitsVault(record, run.seal);
  const fitsNew = fitsVault({ ...pending, shares: pending.shares }, run.seal);
  if (fitsOld !== fitsNew) {
    return fitsNew ? "new" : "old";
  }
  return (await tryNewShares(run, record)) ?? (await setInLog(run, pending.nonce ?? ""));
}

/** Lets Vault judge by beginning a rekey with the new shares, which it is not let finish; null when holders have them. */
async function tryNewShares(run: RekeyRun, { pending }: KeysRecord): Promise<"old" | "new" | null> {
  const { keyring, place, inputs } = run;
  if (pending?.shares == null) {
    return null;
  }
  const { shares, missing } = await openShares(keyring, { ...pending, shares: pending.shares }, place);
  if (missing > 0) {
    return null;
  }
  const rekey = rekeyOf(run);
  const { nonce } = await rekey.startRekey(inputs);
  const outcome = await giveAll(shares, (share) => rekey.giveRekeyShare(nonce, share));
  await rekey.cancelRekey(nonce);
  return outcome === "complete" ? "new" : "old";
}

/** What the pods' logs say of the rekey with this nonce, which is all there is when only people have its shares. */
async function setInLog({ context, inputs }: RekeyRun, nonce: string): Promise<"new" | "unknown"> {
  const { kube } = context;
  const { namespace, pods } = inputs.target;
  const logs = await Promise.all(
    pods.flatMap((pod) => [
      kube.readLog(namespace, pod, "vault", { previous: false }),
      kube.readLog(namespace, pod, "vault", { previous: true }),
    ]),
  );
  const told = logs.some((log) => {
    const begun = log?.lastIndexOf(nonce) ?? -1;
    const [ours = ""] = begun < 0 ? [] : (log ?? "").slice(begun).split("rekey initialized");
    return ours.includes("security barrier rekeyed");
  });
  return told ? "new" : "unknown";
}

function withoutPending(record: KeysRecord): KeysRecord {
  const kept = { ...record };
  delete kept.pending;
  return kept;
}

function promoted({ context }: RekeyRun, record: KeysRecord): KeysRecord {
  const { pending } = record;
  if (pending?.shares == null) {
    return record;
  }
  const kept = withoutPending(record);
  delete kept.generation;
  const { secretShares, secretThreshold, shares, generation } = pending;
  return {
    ...kept,
    runId: context.runId,
    writtenAt: new Date(context.clock.now()).toISOString(),
    secretShares,
    secretThreshold,
    shares,
    origin: originOf(record),
    keysFingerprint: keysFingerprintOf({ secretShares, secretThreshold, shares }),
    ...(generation > 1 && { generation }),
  };
}
