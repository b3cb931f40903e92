import type { Keyring } from "./escrow.ts";
import type { KeysRecord } from "./keys-record.ts";
import { foreignOperation, missingShares } from "./ceremony-stops.ts";
import { lostAppRole, type Place } from "./runbooks.ts";
import { openShares } from "./shares.ts";
import type { VaultNode } from "./vault-api.ts";
import { VaultRefusal } from "./vault-error.ts";

/** A root token in memory, and where it comes from. */
export interface RootToken {
  readonly token: string;
  readonly source: "keys-secret" | "generated" | "holders";
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
  if (record.rootToken === null || !keyring.holds(record.rootToken.recipient)) {
    return "out-of-reach";
  }
  const token = await keyring.open(record.rootToken);
  const policies = await node.as(token).policies();
  return policies === null ? "dead" : { token, source: "keys-secret" };
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
  return (await node.as(token).policies()) === null ? null : { token, source: "holders" };
}

/**
 * Makes a new root token from the shares in custody. Vault encrypts it to the escrow key, so it travels in no plain
 * form, and an attempt that an earlier run left behind is recognised by that key's fingerprint and taken up again.
 *
 * @throws ProtocolStop when somebody else's attempt is under way: it is never cancelled.
 */
export async function generateRootToken(
  node: VaultNode,
  keyring: Keyring,
  record: KeysRecord,
  place: Place,
): Promise<RootToken> {
  const { shares, missing, holders } = await openShares(keyring, record, place);
  let status = await statusOf(node, place);
  if (status.started && !keyring.holds(status.pgp_fingerprint)) {
    throw foreignOperation(place, "generate-root");
  }
  if (!status.started) {
    status = await started(node, keyring.current.publicKey, place);
  }
  const recipient = status.pgp_fingerprint;
  for (const share of shares) {
    const next = await given(node, status.nonce, share, place);
    if (next?.complete === true) {
      return { token: await keyring.open({ recipient, message: next.encoded_token }), source: "generated" };
    }
  }
  if (missing > 0) {
    throw missingShares(place, { kind: "generate-root", nonce: status.nonce }, missing, holders);
  }
  throw lostAppRole(place, "generate-root did not complete with the shares in custody");
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

/** Null when Vault already has this share from an earlier run. */
async function given(
  node: VaultNode,
  nonce: string,
  share: string,
  place: Place,
): Promise<Awaited<ReturnType<VaultNode["continueGenerateRoot"]>> | null> {
  try {
    return await node.continueGenerateRoot(nonce, share);
  } catch (error) {
    if (error instanceof VaultRefusal && error.says("already been provided")) {
      return null;
    }
    throw error instanceof VaultRefusal && error.status === 400
      ? lostAppRole(place, "Vault refused the shares; its keys were changed outside this stack")
      : error;
  }
}
