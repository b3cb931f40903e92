import { fault } from "../../../shared/errors.ts";
import { judgeKey } from "../../../protocol/keys/written-key-faults.ts";

/** Who receives shares, and how many there are. */
export interface HeldShares {
  /** Public keys of people, base64. */
  readonly holders: readonly string[];
  readonly secretShares: number;
  readonly secretThreshold: number;
  /** The remaining shares go to this one. */
  readonly escrowPublicKey: string;
}

/**
 * Every fault of the people who receive shares: custody by people means that nobody can unseal Vault without them, and
 * that each counts only once. A person is identified by the keys, not by the export, which can be written in several
 * ways.
 * @param at Where the list of people is set.
 */
export function holderFaults(at: string, shares: HeldShares): string[] {
  const { holders, escrowPublicKey } = shares;
  const now = Date.now();
  const judged = holders.map((holder) => judgeKey(holder, now));
  const escrow = { publicKey: escrowPublicKey, fingerprints: judgeKey(escrowPublicKey, now).fingerprints };
  const people = holders.map((publicKey, index) => ({ publicKey, fingerprints: judged[index]?.fingerprints ?? [] }));
  const faults = people.flatMap((person, index) => {
    const path = `${at}.${index}`;
    const wrong = judged[index]?.fault ?? null;
    const broken =
      wrong === null
        ? []
        : [fault(path, `must ${wrong}`, shown(person), "export it with `gpg --export <id> | base64 -w0`")];
    if (isSame(person, escrow)) {
      return [...broken, fault(path, "must be a person's key", "escrowPublicKey", "leave it out; it gets the rest")];
    }
    const first = people.findIndex((other) => isSame(person, other));
    if (first === index) return broken;
    return [...broken, fault(path, "must be another person's key", `that of holder ${first}`, "list each person once")];
  });
  return [...faults, ...numberFaults(at, shares)];
}

interface Person {
  readonly publicKey: string;
  readonly fingerprints: readonly string[];
}

function isSame(one: Person, other: Person): boolean {
  return one.publicKey === other.publicKey || one.fingerprints.some((print) => other.fingerprints.includes(print));
}

function shown({ publicKey, fingerprints }: Person): string {
  return fingerprints[0] ?? `${publicKey.slice(0, 16)}…`;
}

function numberFaults(at: string, { holders, secretShares, secretThreshold }: HeldShares): string[] {
  const rest = secretShares - holders.length;
  const faults: string[] = [];
  if (rest < 0) {
    const must = `must be at most secretShares, which is ${secretShares}`;
    faults.push(fault(at, must, holders.length, "raise secretShares or list fewer people"));
  }
  if (rest >= secretThreshold) {
    const must = `must leave the stack fewer shares than secretThreshold, which is ${secretThreshold}`;
    faults.push(fault(at, must, `${rest} of ${secretShares} left`, "list more people, or set custody.kind to pulumi"));
  }
  return faults;
}
