import type { Keyring } from "./escrow.ts";
import type { KeySet } from "./key-set.ts";
import { damagedKeys, type Place } from "../stops/runbooks.ts";

/** What a stack can open of a set of keys. */
export interface OpenedShares {
  /** Different shares, at most as many as are needed. */
  readonly shares: readonly string[];
  /** How many more are needed, which only their holders can give. */
  readonly missing: number;
  /** Fingerprints of the PGP keys of those who hold the others. */
  readonly holders: readonly string[];
}

/**
 * Opens as many shares as are needed, those of the stack's own keys only.
 *
 * @throws ProtocolStop when a share of the stack is damaged.
 */
export async function openShares(keyring: Keyring, set: KeySet, place: Place): Promise<OpenedShares> {
  const own = set.shares.filter(({ recipient }) => keyring.holds(recipient));
  const others = set.shares.filter(({ recipient }) => !keyring.holds(recipient)).map(({ recipient }) => recipient);
  const shares = new Set<string>();
  const faults: string[] = [];
  for (const share of own) {
    if (shares.size === set.secretThreshold) break;
    try {
      shares.add(await keyring.open(share));
    } catch (error) {
      faults.push(`a share for ${share.recipient}: ${error instanceof Error ? error.message : "unknown fault"}`);
    }
  }
  const reachable = Math.min(own.length, set.secretThreshold);
  if (shares.size < reachable) {
    const doubled = "shares: one share is there twice, encrypted differently";
    throw damagedKeys(place, faults.length > 0 ? faults : [doubled]);
  }
  return { shares: [...shares], missing: set.secretThreshold - shares.size, holders: [...new Set(others)] };
}
