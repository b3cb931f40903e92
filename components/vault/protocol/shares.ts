import type { Escrow } from "./escrow.ts";
import type { KeysRecord } from "./keys-record.ts";
import { damagedKeys, missingShares, type Place } from "./runbooks.ts";

/**
 * Opens as many shares as are needed, those of the escrow key only.
 *
 * @returns exactly `secretThreshold` different shares.
 * @throws ProtocolStop when fewer can be opened, or when they are damaged.
 */
export async function openShares(escrow: Escrow, record: KeysRecord, place: Place): Promise<string[]> {
  const ours = record.shares.filter(({ recipient }) => recipient === escrow.fingerprint);
  const others = record.shares
    .filter(({ recipient }) => recipient !== escrow.fingerprint)
    .map(({ recipient }) => recipient);
  if (ours.length < record.secretThreshold) {
    throw missingShares(place, record.secretThreshold, ours.length, [...new Set(others)]);
  }
  const shares = new Set<string>();
  const faults: string[] = [];
  for (const { message } of ours) {
    try {
      shares.add(await escrow.open(message));
    } catch (error) {
      faults.push(`a share for ${escrow.fingerprint}: ${error instanceof Error ? error.message : "unknown fault"}`);
    }
    if (shares.size === record.secretThreshold) {
      return [...shares];
    }
  }
  throw damagedKeys(place, faults.length > 0 ? faults : ["shares: one share is there twice, encrypted differently"]);
}
