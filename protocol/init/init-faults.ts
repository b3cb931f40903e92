import { parseRecipient } from "../keys/custody.ts";
import { escrowFaults } from "../keys/escrow.ts";
import { type Faults, shown } from "../frame/faults.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { InitInputs } from "./init-properties.ts";
import type { KeySetInputs } from "../keys/key-set.ts";
import { sealTypes } from "../keys/seal-type.ts";
import { isUnknown } from "../frame/unknown.ts";

/** Vault's limit on the number of shares. */
const maxShares = 255;

/**
 * Notes every fault of the inputs of `vault:Init` at once, by Vault's own rules, so that a preview shows them and no
 * pod is contacted. Inputs come from a program and may be of any type.
 */
export async function initFaults(faults: Faults, inputs: InitInputs): Promise<void> {
  targetFaults(faults, inputs.target);
  faults.label("keysSecret", inputs.keysSecret);
  const { allowReinitialize } = inputs;
  faults.expect(
    "allowReinitialize",
    allowReinitialize,
    typeof allowReinitialize === "boolean",
    "be true or false",
    shown(allowReinitialize),
  );
  const { adoptExisting } = inputs;
  faults.expect(
    "adoptExisting",
    adoptExisting,
    typeof adoptExisting === "boolean",
    "be true or false",
    shown(adoptExisting),
  );
  faults.expect(
    "seal",
    inputs.seal,
    sealTypes.includes(inputs.seal),
    `be one of ${sealTypes.join(", ")}`,
    shown(inputs.seal),
  );
  const { previousSeal } = inputs;
  faults.expect(
    "previousSeal",
    previousSeal,
    previousSeal === null || sealTypes.includes(previousSeal),
    `be null or one of ${sealTypes.join(", ")}`,
    shown(previousSeal),
  );
  await publicKeyFault(faults, "rootTokenRecipient", inputs.rootTokenRecipient);
  await keySetFaults(faults, inputs);
  await escrowFaults(faults, inputs);
}

/** The faults of a set of keys, by Vault's own rules. */
export async function keySetFaults(faults: Faults, inputs: KeySetInputs): Promise<void> {
  const { secretShares, secretThreshold } = inputs;
  faults.integer("secretShares", secretShares, 1, maxShares);
  faults.integer("secretThreshold", secretThreshold, 1, maxShares);
  if (Number.isInteger(secretShares) && Number.isInteger(secretThreshold)) {
    faults.expect(
      "secretThreshold",
      secretThreshold,
      secretThreshold <= secretShares,
      `not exceed secretShares (${secretShares})`,
      shown(secretThreshold),
    );
    const lonely = secretThreshold !== 1 || secretShares <= 1;
    faults.expect(
      "secretThreshold",
      secretThreshold,
      lonely,
      "be at least 2 when there is more than one share (Vault's rule)",
      shown(secretThreshold),
    );
  }
  faults.integer("keysGeneration", inputs.keysGeneration, 1, Number.MAX_SAFE_INTEGER);
  await recipientFaults(faults, inputs);
}

async function recipientFaults(faults: Faults, inputs: KeySetInputs): Promise<void> {
  const recipients: unknown = inputs.shareRecipients;
  if (isUnknown(recipients)) return;
  if (!Array.isArray(recipients)) {
    faults.expect("shareRecipients", recipients, false, "list one PGP public key per share");
    return;
  }
  const { secretShares } = inputs;
  if (Number.isInteger(secretShares)) {
    faults.expect(
      "shareRecipients",
      recipients,
      recipients.length === secretShares,
      `be one PGP public key per share (${secretShares})`,
      String(recipients.length),
    );
  }
  for (const [index, recipient] of recipients.entries()) {
    await publicKeyFault(faults, `shareRecipients[${index}]`, recipient);
  }
  await samePersonFaults(faults, recipients);
}

/**
 * One key may receive several shares, as the stack's own does; exported differently, it would pass for another person.
 */
async function samePersonFaults(faults: Faults, recipients: readonly unknown[]): Promise<void> {
  const owners = new Map<string, { readonly recipient: unknown; readonly index: number }>();
  for (const [index, recipient] of recipients.entries()) {
    const fingerprints = await fingerprintsOf(recipient);
    const owner = fingerprints.map((one) => owners.get(one)).find((found) => found !== undefined);
    if (owner !== undefined && owner.recipient !== recipient) {
      const property = `shareRecipients[${index}]`;
      const reason = `${property}: must be the key of another person, got one of shareRecipients[${owner.index}] in another export`;
      faults.list.push({ property, reason });
    }
    for (const one of fingerprints) if (!owners.has(one)) owners.set(one, { recipient, index });
  }
}

/** Empty for what is judged elsewhere. */
async function fingerprintsOf(recipient: unknown): Promise<readonly string[]> {
  if (typeof recipient !== "string" || isUnknown(recipient)) return [];
  return parseRecipient(recipient).then(
    ({ fingerprints }) => fingerprints,
    () => [],
  );
}

async function publicKeyFault(faults: Faults, property: string, value: unknown): Promise<void> {
  const reason = await publicKeyReason(value);
  if (reason !== null) faults.list.push({ property, reason: `${property}: ${reason}` });
}

async function publicKeyReason(value: unknown): Promise<string | null> {
  if (isUnknown(value)) return null;
  if (typeof value !== "string") return "must be a base64 PGP public key";
  try {
    await parseRecipient(value);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "must be a PGP public key";
  }
}
