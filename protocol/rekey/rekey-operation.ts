import { KubeError } from "../../kube/kube-error.ts";
import { confirmLease } from "../init/init-irreversible.ts";
import type { KeysRecord, PendingKeys } from "../keys/keys-record.ts";
import { writeKeys } from "../keys/keys-secret.ts";
import { fitsVault, rekeyOf } from "./rekey-evidence.ts";
import type { RekeyRun } from "./rekey-run.ts";
import { missingShares, rekeyedElsewhere } from "../stops/ceremony-stops.ts";
import { openShares } from "../keys/shares.ts";
import { type Archive, archiveKeys } from "../keys/keys-archive.ts";
import { promoted } from "../keys/pending-keys.ts";
import type { RekeyBackup, RekeyStatus } from "../vault-client/vault-answers.ts";
import { VaultRefusal } from "../vault-client/vault-error.ts";
import { saysWrongShares } from "../keys/wrong-shares.ts";

/** What a step returns when the run must look again. */
export type GoTo = undefined | { readonly goTo: string };

/** Bytes of one PGP message with a share, base64, rounded up for large keys. */
const shareBytes = 2_048;

/** Announces in the Secret what is about to be made, and thereby proves that the new shares can be written. */
export async function announceKeys(run: RekeyRun): Promise<GoTo> {
  const { context, wanted } = run;
  const { secretShares, secretThreshold, recipients, generation } = wanted;
  return writeRecord(run, {
    ...recordOf(run),
    pending: {
      runId: context.runId,
      startedAt: new Date(context.clock.now()).toISOString(),
      secretShares,
      secretThreshold,
      recipients: [...recipients],
      generation,
      nonce: null,
      shares: null,
      reserve: "-".repeat(secretShares * shareBytes),
    },
  });
}

/** Begins a rekey whose keys are encrypted to their holders and not used until they have been shown. */
export async function startRekey(run: RekeyRun): Promise<GoTo> {
  // A run that was stopped for longer than its lease must not begin what another has finished.
  await confirmLease(run);
  try {
    run.operation = await rekeyOf(run).startRekey(run.inputs);
    return undefined;
  } catch (error) {
    if (error instanceof VaultRefusal && error.says("already in progress")) return { goTo: "look-at-operation" };
    throw error;
  }
}

/**
 * Gives the shares of the keys in use, as many as this stack can open.
 *
 * @throws ProtocolStop when holders must give the rest, or when these are not the keys in use.
 */
export async function giveShares(run: RekeyRun): Promise<GoTo> {
  const { keyring, place, operation, seal } = run;
  const record = recordOf(run);
  const nonce = operation?.nonce ?? "";
  if (seal !== null && !fitsVault(record, seal)) {
    const reason = `it asks for ${seal.t} of ${seal.n} shares, while the Secret holds ${record.secretThreshold} of ${record.secretShares}`;
    throw rekeyedElsewhere(place, reason, nonce);
  }
  const { shares, missing, holders } = await openShares(keyring, record, place);
  const outcome = await giveAll(shares, (share) => rekeyOf(run).giveRekeyShare(nonce, share));
  if (outcome === "refused") throw rekeyedElsewhere(place, "it refuses the shares in the Secret", nonce);
  if (outcome === "taken") throw missingShares(place, { kind: "rekey", nonce }, missing, holders);
  return outcome === "ended" ? { goTo: "look-at-operation" } : undefined;
}

/**
 * Takes the new shares from the copy in Vault: the answer that carried them may have been lost, or have gone to a
 * holder.
 */
export async function fetchShares(run: RekeyRun): Promise<GoTo> {
  const record = recordOf(run);
  const { pending } = record;
  run.operation = await rekeyOf(run).rekeyStatus();
  const backup = await rekeyOf(run).rekeyBackup();
  const { started, nonce, verification_nonce: made } = run.operation;
  if (pending === undefined || !started || made === "") return { goTo: "look-at-operation" };
  const shares = backup === null || backup.nonce !== nonce ? null : sharesOf(backup, pending);
  if (shares === null) {
    // Nobody has these shares. They were not shown, so Vault does not use them: nothing is lost by making them anew.
    await abandon(run, run.operation);
    return { goTo: "look-at-operation" };
  }
  return writeRecord(run, { ...record, pending: { ...pending, nonce, shares, reserve: "" } });
}

/**
 * Shows the new shares, as many as this stack can open. With the last one Vault starts to use the new keys.
 *
 * @throws ProtocolStop when holders must show the rest.
 */
export async function verifyShares(run: RekeyRun): Promise<GoTo> {
  const { keyring, place, operation } = run;
  const { pending } = recordOf(run);
  if (pending?.shares == null || operation === null) return undefined;
  const nonce = operation.verification_nonce;
  const { shares, missing, holders } = await openShares(keyring, { ...pending, shares: pending.shares }, place);
  const outcome = await giveAll(shares, (share) => rekeyOf(run).verifyRekeyShare(nonce, share));
  if (outcome === "complete") {
    run.verified = true;
    return undefined;
  }
  if (outcome === "taken" && missing > 0) throw missingShares(place, { kind: "verify", nonce }, missing, holders);
  // Somebody else showed one that does not fit, began anew, or showed the last one.
  return { goTo: "look-at-operation" };
}

/**
 * What became of shares that were given: `taken` when more are wanted, `ended` when somebody else ended or finished it.
 */
export type Giving = "complete" | "taken" | "refused" | "ended";

/** Gives shares until there are enough; those that Vault already has are skipped. */
export async function giveAll(shares: readonly string[], give: (share: string) => Promise<boolean>): Promise<Giving> {
  for (const share of shares) {
    try {
      if (await give(share)) return "complete";
    } catch (error) {
      if (!(error instanceof VaultRefusal)) throw error;
      if (saysWrongShares(error)) return "refused";
      if (ended.some((words) => error.says(words))) return "ended";
      if (!error.says("already been provided")) throw error;
    }
  }
  return "taken";
}

/** Vault's words for an operation that is no longer under way, or has moved on. */
const ended = [
  "no barrier rekey in progress",
  "no recovery rekey in progress",
  "no rekey in progress",
  "no rekey verification in progress",
  "rekey operation already finished",
  "incorrect nonce supplied",
];

/**
 * Writes the record over the version that was read; sends the run back when somebody changed or deleted it in between.
 */
export async function writeRecord(run: RekeyRun, record: KeysRecord): Promise<GoTo> {
  const { context, inputs } = run;
  try {
    const at = { kube: context.kube, namespace: inputs.target.namespace, name: inputs.keysSecret };
    run.version = await writeKeys(at, record, run.version, run.keyring.current);
    run.record = record;
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && (error.kind === "conflict" || error.kind === "not-found")) {
      return { goTo: "read-keys" };
    }
    throw error;
  }
}

/** The record, once it was read. */
export function recordOf({ record }: RekeyRun): KeysRecord {
  if (record === null) throw new Error("rekey: the keys were not read");
  return record;
}

/**
 * Cancels a rekey in Vault that nobody wants any more. Whoever has shares of it may show the last one before the
 * cancellation arrives, so Vault's backup of them is archived first: Vault keeps it only until the next rekey.
 */
export async function abandon(run: RekeyRun, operation: RekeyStatus): Promise<void> {
  const rekey = rekeyOf(run);
  const backup = operation.verification_nonce === "" ? null : await rekey.rekeyBackup();
  const record = recordOf(run);
  if (backup !== null && backup.nonce === operation.nonce && backup.nonce !== record.pending?.nonce) {
    const recipients = operation.pgp_fingerprints ?? [];
    const { n: secretShares, t: secretThreshold, nonce } = operation;
    const { runId, clock } = run.context;
    const begun = { runId, startedAt: new Date(clock.now()).toISOString(), nonce, reserve: "" };
    const made = { ...begun, secretShares, secretThreshold, recipients, generation: run.wanted.generation };
    const shares = sharesOf(backup, made);
    if (shares !== null) await archiveKeys(archiveOf(run), promoted({ ...record, pending: { ...made, shares } }));
  }
  await rekey.cancelRekey(operation.nonce);
}

/** Where this run keeps keys. */
export function archiveOf({ context, place, keyring }: RekeyRun): Archive {
  return { context, place, escrow: keyring.current };
}

/** The new shares in the order of their recipients; null when one is missing. */
function sharesOf(backup: RekeyBackup, { recipients }: Pick<PendingKeys, "recipients">): KeysRecord["shares"] | null {
  const left = Object.fromEntries(Object.entries(backup.keys_base64).map(([holder, shares]) => [holder, [...shares]]));
  const shares = recipients.flatMap((recipient) => {
    const message = left[recipient]?.shift();
    return message === undefined ? [] : [{ recipient, message }];
  });
  return shares.length === recipients.length ? shares : null;
}
