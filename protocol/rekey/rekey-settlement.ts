import { differenceOf, type KeySet } from "../keys/key-set.ts";
import { archiveKeys } from "../keys/keys-archive.ts";
import type { KeysRecord } from "../keys/keys-record.ts";
import { promoted, withoutPending } from "../keys/pending-keys.ts";
import { fitsVault, rekeyOf } from "./rekey-evidence.ts";
import { abandon, archiveOf, giveAll, type Giving, type GoTo, recordOf, writeRecord } from "./rekey-operation.ts";
import type { RekeyRun } from "./rekey-run.ts";
import { openShares } from "../keys/shares.ts";

/** True when new shares are in the Secret and Vault does not wait to see them: it has, or it has forgotten them. */
export function isUnsettled({ record, operation, verified }: RekeyRun): boolean {
  const pending = record?.pending;
  const waits =
    operation?.started === true && operation.verification_nonce !== "" && operation.nonce === pending?.nonce;
  return pending?.shares != null && !waits && !verified;
}

/**
 * Finds out which of the two sets is in use, and continues from there. A restart, a new leader or a cancellation makes
 * Vault forget new keys that were not shown yet; the last share shown puts them into use, even when the answer reached
 * nobody.
 */
export async function settlePending(run: RekeyRun): Promise<GoTo> {
  const record = recordOf(run);
  const { operation } = run;
  if (operation?.started === true) {
    // Begun by a run that died, for keys that were made before: it prevents finding out.
    await abandon(run, operation);
    return { goTo: "look-at-operation" };
  }
  // When nothing tells which set is in use, both are kept: the holders' shares will tell in the next rekey.
  if ((await setInUse(run, record)) === "new") {
    run.verified = true;
    return undefined;
  }
  return (await writeRecord(run, withoutPending(record))) ?? { goTo: "read-keys" };
}

/** Gives up new keys that nobody wants any more and that Vault does not use. */
export async function dropPending(run: RekeyRun): Promise<GoTo> {
  const { operation } = run;
  if (operation?.started === true) {
    await abandon(run, operation);
    // The last share may have been shown before the cancellation arrived: Vault says which keys it uses now.
    return { goTo: "look-at-operation" };
  }
  return (await writeRecord(run, withoutPending(recordOf(run)))) ?? { goTo: "read-keys" };
}

/** Archives the new keys before anything can put them into use, and before anything can remove them from the record. */
export async function archiveNewKeys(run: RekeyRun): Promise<undefined> {
  await archiveKeys(archiveOf(run), recordOf(run));
  run.archived = recordOf(run).pending?.nonce ?? null;
}

/** Archives the old keys beside the new ones: they open copies of Vault's storage that were made before. */
export async function archiveOldKeys(run: RekeyRun): Promise<undefined> {
  await archiveKeys(archiveOf(run), recordOf(run));
}

/** The backup in Vault has served its purpose. The backup of any other rekey may be somebody's only copy. */
export async function dropBackup(run: RekeyRun): Promise<undefined> {
  const backup = await rekeyOf(run).rekeyBackup();
  if (backup !== null && [recordOf(run).pending?.nonce, run.trial].includes(backup.nonce)) {
    await rekeyOf(run).deleteRekeyBackup();
  }
}

/** The new keys take the place of the old ones. */
export async function promoteKeys(run: RekeyRun): Promise<GoTo> {
  const { runId, clock } = run.context;
  const record = { ...promoted(recordOf(run)), runId, writtenAt: new Date(clock.now()).toISOString() };
  const conflict = await writeRecord(run, record);
  if (conflict !== undefined) return conflict;
  run.verified = false;
  // These may be an earlier run's keys, while the settings now ask for others.
  return differenceOf(record, run.wanted) === null ? undefined : { goTo: "read-keys" };
}

async function setInUse(run: RekeyRun, record: KeysRecord): Promise<"old" | "new" | "unknown"> {
  const { pending } = record;
  if (pending?.shares == null || run.seal === null) return "old";
  const fitsOld = fitsVault(record, run.seal);
  const fitsNew = fitsVault({ ...pending, shares: pending.shares }, run.seal);
  if (fitsOld !== fitsNew) return fitsNew ? "new" : "old";
  return (await judgeByTrial(run, record)) ?? (await setInLog(run, pending.nonce ?? ""));
}

/** How often both sets are tried: a share that somebody gives meanwhile spoils a trial. */
const maxTrials = 2;

/** Lets Vault judge the sets this stack can open; null when holders have the new one, or when Vault takes neither. */
async function judgeByTrial(run: RekeyRun, record: KeysRecord): Promise<"old" | "new" | null> {
  const fresh = await ownShares(run, promoted(record));
  const former = await ownShares(run, record);
  if (fresh === null) return null;
  for (let trial = 1; trial <= maxTrials; trial++) {
    if (await isTaken(run, fresh)) return "new";
    if (former !== null && (await isTaken(run, former))) return "old";
  }
  return former === null ? "old" : null;
}

async function ownShares({ keyring, place }: RekeyRun, set: KeySet): Promise<readonly string[] | null> {
  const { shares, missing } = await openShares(keyring, set, place);
  return missing === 0 ? shares : null;
}

/**
 * Begins a rekey with these shares and never lets it finish: only with the right ones does it get as far as making new
 * keys.
 */
async function isTaken(run: RekeyRun, shares: readonly string[]): Promise<boolean> {
  const rekey = rekeyOf(run);
  const { nonce } = await rekey.startRekey(run.inputs);
  run.trial = nonce;
  let outcome: Giving;
  try {
    outcome = await giveAll(shares, (share) => rekey.giveRekeyShare(nonce, share));
  } catch (error) {
    // When Vault could not find out, there is no verdict. The trial must not block the next one.
    await rekey.cancelRekey(nonce).catch(() => undefined);
    throw error;
  }
  await rekey.cancelRekey(nonce);
  if (outcome === "ended") {
    throw new Error("rekey: somebody ended the trial that finds out which keys are in use; run `up` again");
  }
  return outcome === "complete";
}

/** What the pods' logs say of the rekey with this nonce: the only evidence when only people have its shares. */
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
