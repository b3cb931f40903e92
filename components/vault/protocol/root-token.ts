import type { Escrow } from "./escrow.ts";
import type { KeysRecord } from "./keys-record.ts";
import { foreignOperation, lostAppRole, type Place } from "./runbooks.ts";
import { openShares } from "./shares.ts";
import type { VaultNode } from "./vault-api.ts";
import { VaultRefusal } from "./vault-error.ts";

/** A root token in memory, and whether it is the one the keys Secret keeps. */
export interface RootToken {
  readonly token: string;
  readonly source: "keys-secret" | "generated";
}

/**
 * The root token from initialising: alive, or known to be dead, or out of reach because nothing is kept or it was
 * encrypted to somebody else.
 */
export async function storedRootToken(
  node: VaultNode,
  escrow: Escrow,
  record: KeysRecord,
): Promise<RootToken | "dead" | "out-of-reach"> {
  if (record.rootToken?.recipient !== escrow.fingerprint) {
    return "out-of-reach";
  }
  const token = await escrow.open(record.rootToken.message);
  const policies = await node.as(token).policies();
  return policies === null ? "dead" : { token, source: "keys-secret" };
}

/**
 * Makes a new root token from the shares in custody. Vault encrypts it to the escrow key, so it travels in no plain
 * form, and an attempt that an earlier run left behind is recognised by that key's fingerprint and taken up again.
 *
 * @throws ProtocolStop when somebody else's attempt is under way: it is never cancelled.
 */
export async function generateRootToken(
  node: VaultNode,
  escrow: Escrow,
  record: KeysRecord,
  place: Place,
): Promise<RootToken> {
  const shares = await openShares(escrow, record, place);
  let status = await node.generateRootStatus();
  if (status.started && status.pgp_fingerprint !== escrow.fingerprint) {
    throw foreignOperation(place, "generate-root");
  }
  if (!status.started) {
    status = await started(node, escrow, place);
  }
  for (const share of shares) {
    const next = await given(node, status.nonce, share, place);
    if (next?.complete === true) {
      return { token: await escrow.open(next.encoded_token), source: "generated" };
    }
  }
  throw lostAppRole(place, "generate-root did not complete with the shares in custody");
}

async function started(node: VaultNode, escrow: Escrow, place: Place): ReturnType<VaultNode["startGenerateRoot"]> {
  try {
    return await node.startGenerateRoot(escrow.publicKey);
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
