import type { Keyring } from "../keys/escrow.ts";
import type { EncryptedText, KeysRecord } from "../keys/keys-record.ts";
import { foreignOperation, missingShares } from "../stops/ceremony-stops.ts";
import { liveRootToken } from "../stops/key-stops.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { lostAppRole, type Place } from "../stops/runbooks.ts";
import { type OpenedShares, openShares } from "../keys/shares.ts";
import type { GenerateRootStatus } from "../vault-client/vault-answers.ts";
import type { VaultNode, VaultSession } from "../vault-client/vault-api.ts";
import { VaultRefusal, VaultNoAnswer } from "../vault-client/vault-error.ts";
import { saysWrongShares } from "../keys/wrong-shares.ts";

/** A root token in memory, and where it comes from. */
export interface RootToken {
  readonly token: string;
  readonly source: "keys-secret" | "generated" | "holders";
  /** As Vault gave it, encrypted to the escrow key; null for one that holders of shares gave. */
  readonly encrypted: EncryptedText | null;
}

/**
 * The root token from initialising: alive, or known to be dead, or out of reach because nothing is kept or it was
 * encrypted to somebody else.
 */
export async function storedRootToken(
  node: VaultNode,
  keyring: Keyring,
  record: KeysRecord,
): Promise<RootToken | "dead" | "out-of-reach"> {
  if (record.rootToken === null || !keyring.holds(record.rootToken.recipient)) return "out-of-reach";
  const token = await keyring.open(record.rootToken);
  const policies = await node.as(token).policies();
  return policies === null ? "dead" : { token, source: "keys-secret", encrypted: record.rootToken };
}

/**
 * The root token that holders of shares generated for this stack; null when it is dead, as after a run that used it.
 *
 * @throws ProtocolStop when it was encrypted to somebody else.
 */
export async function holdersRootToken(
  node: VaultNode,
  { current }: Keyring,
  encoded: string,
  place: Place,
): Promise<RootToken | null> {
  let token: string;
  try {
    token = await current.open(encoded);
  } catch {
    throw lostAppRole(place, "encodedRootToken is not encrypted to the stack's escrow key");
  }
  return (await node.as(token).policies()) === null ? null : { token, source: "holders", encrypted: null };
}

/** What making a root token needs. */
export interface RootMaking {
  readonly context: ProtocolContext;
  readonly node: VaultNode;
  readonly keyring: Keyring;
  readonly record: KeysRecord;
  readonly place: Place;
}

/** How many tokens are made at most when answers get lost. */
const maxMade = 3;

/**
 * Makes a new root token from the shares in custody. Vault encrypts it to the escrow key, so it never travels in plain
 * form, and an attempt that an earlier run left behind is recognised by that key's fingerprint and taken up again. When
 * the answer with a token was lost, that token is revoked with the next one. An attempt that fails is cancelled, unless
 * people are to give shares to it.
 *
 * @throws ProtocolStop when somebody else's attempt is under way: it is never cancelled.
 */
export async function generateRootToken(making: RootMaking): Promise<RootToken> {
  const { context, node, keyring, record, place } = making;
  const opened = await openShares(keyring, record, place);
  const begun = context.clock.now();
  for (let made = 1; ; made++) {
    const encrypted = await makeToken(making, opened);
    if (encrypted !== null) {
      const token = await keyring.open(encrypted);
      if (made > 1) await endLost(node.as(token), (context.clock.now() - begun) / 1000).catch(() => undefined);
      return { token, source: "generated", encrypted };
    }
    if (made === maxMade) {
      throw liveRootToken(place, "the answers of Vault to the last share of a generate-root were lost");
    }
  }
}

/** Null when Vault has made it and its answer was lost. */
async function makeToken({ node, keyring, place }: RootMaking, opened: OpenedShares): Promise<EncryptedText | null> {
  let status = await statusOf(node, place);
  if (status.started && !keyring.holds(status.pgp_fingerprint)) throw foreignOperation(place, "generate-root");
  if (!status.started) status = await started(node, keyring.current.publicKey, place);
  const { nonce, pgp_fingerprint: recipient } = status;
  try {
    for (const share of opened.shares) {
      const next = await given({ node, nonce, place }, share);
      if (next === "ended") return null;
      if (next?.complete === true) return { recipient, message: next.encoded_token };
    }
  } catch (error) {
    await cancel(node, nonce).catch(() => undefined);
    throw error;
  }
  if (opened.missing > 0) throw missingShares(place, { kind: "generate-root", nonce }, opened.missing, opened.holders);
  await cancel(node, nonce).catch(() => undefined);
  throw lostAppRole(place, "generate-root did not complete with the shares in custody");
}

/** Cancels the attempt with this nonce; one that somebody else has begun since is left alone. */
async function cancel(node: VaultNode, nonce: string): Promise<void> {
  const status = await node.generateRootStatus();
  if (status.started && status.nonce === nonce) await node.cancelGenerateRoot();
}

/** Vault reports times in whole seconds. */
const roundingS = 2;

/**
 * Revokes root tokens that were made with shares in the last seconds, except this one: there can be only one such
 * attempt at a time, and it was ours.
 */
async function endLost(root: VaultSession, seconds: number): Promise<void> {
  const own = await root.ownDetails();
  const since = own.creation_time - seconds - roundingS;
  for (const accessor of await root.tokenAccessors()) {
    const found = accessor === own.accessor ? null : await root.detailsOf(accessor);
    if (found !== null && found.path === own.path && found.policies.includes("root") && found.creation_time >= since) {
      await root.revokeAccessor(accessor);
    }
  }
}

async function statusOf(node: VaultNode, place: Place): ReturnType<VaultNode["generateRootStatus"]> {
  try {
    return await node.generateRootStatus();
  } catch (error) {
    // Vault 2.x, unless its configuration says otherwise.
    throw error instanceof VaultRefusal && error.status === 403
      ? lostAppRole(place, "this Vault lets nobody make a root token without a login")
      : error;
  }
}

async function started(node: VaultNode, recipient: string, place: Place): ReturnType<VaultNode["startGenerateRoot"]> {
  try {
    return await node.startGenerateRoot(recipient);
  } catch (error) {
    if (error instanceof VaultRefusal && error.says("already in progress")) {
      throw foreignOperation(place, "generate-root");
    }
    throw error;
  }
}

/**
 * Null when Vault has this share and wants more, as when an earlier run gave it; `ended` when the attempt is over and
 * its answer reached nobody.
 */
async function given(
  attempt: { readonly node: VaultNode; readonly nonce: string; readonly place: Place },
  share: string,
  times = 1,
): Promise<GenerateRootStatus | "ended" | null> {
  const { node, nonce, place } = attempt;
  try {
    return await node.continueGenerateRoot(nonce, share);
  } catch (error) {
    if (error instanceof VaultNoAnswer && error.sent && times < maxMade) {
      const status = await statusAfter(error, node, place);
      // It may have arrived or not: given once more, it is either taken or already known.
      return status.started && status.nonce === nonce ? given(attempt, share, times + 1) : "ended";
    }
    if (error instanceof VaultRefusal && error.says("already been provided")) return null;
    throw error instanceof VaultRefusal && saysWrongShares(error)
      ? lostAppRole(place, "Vault refused the shares; its keys were changed outside this stack")
      : error;
  }
}

/** What is under way after an answer was lost; when that cannot be asked either, a token may have been made. */
async function statusAfter(noAnswer: VaultNoAnswer, node: VaultNode, place: Place): Promise<GenerateRootStatus> {
  try {
    return await node.generateRootStatus();
  } catch {
    throw liveRootToken(place, noAnswer.message);
  }
}
