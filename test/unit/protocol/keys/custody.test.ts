import { createMessage, encrypt, generateKey, readKey, readPrivateKey, reformatKey } from "openpgp";
import { beforeAll, expect, test } from "vitest";
import { parseRecipient } from "../../../../protocol/keys/custody.ts";
import { escrowFaults, openKeyring, type EscrowInputs } from "../../../../protocol/keys/escrow.ts";
import { Faults } from "../../../../protocol/frame/faults.ts";
import { keySetFaults } from "../../../../protocol/init/init-faults.ts";
import { type EscrowPair, makeEscrow } from "../../../support/escrow-key.ts";

let pair: EscrowPair;
let stranger: EscrowPair;

beforeAll(async () => {
  pair = await makeEscrow();
  stranger = await makeEscrow("stranger");
});

async function sealed(text: string, to: EscrowPair): Promise<string> {
  const encryptionKeys = await readKey({ binaryKey: Buffer.from(to.publicKey, "base64") });
  const encrypted = (await encrypt({
    message: await createMessage({ text }),
    encryptionKeys,
    format: "binary",
  })) as Uint8Array;
  return Buffer.from(encrypted).toString("base64");
}

test("a recipient is known by the fingerprint Vault and gpg print", async () => {
  expect((await parseRecipient(pair.publicKey)).fingerprint).toBe(pair.fingerprint);
  expect(pair.fingerprint).toMatch(/^[0-9a-f]{40}$/);
});

test("an expired key is no recipient", async () => {
  const date = new Date(Date.now() - 10_000_000);
  const { publicKey } = await generateKey({
    type: "ecc",
    userIDs: [{ name: "old" }],
    date,
    keyExpirationTime: 60,
    format: "object",
  });
  await expect(parseRecipient(Buffer.from(publicKey.write()).toString("base64"))).rejects.toThrow("not be expired");
});

test("the escrow key opens what was encrypted to it", async () => {
  const { current } = await openKeyring({ escrowPrivateKey: pair.privateKey });
  expect(current.fingerprint).toBe(pair.fingerprint);
  expect((await parseRecipient(current.publicKey)).fingerprint).toBe(pair.fingerprint);
  expect(await current.open(await sealed("share", pair))).toBe("share");
});

test("a message for somebody else, and one that is damaged, are told without repeating them", async () => {
  const { current } = await openKeyring({ escrowPrivateKey: pair.privateKey });
  const foreign = await sealed("share", stranger);
  await expect(current.open(foreign)).rejects.toThrow("made for another key");
  await expect(current.open("AAAA")).rejects.toThrow("damaged");
  const error: unknown = await current.open(foreign).catch((reason: unknown) => reason);
  expect(String(error)).not.toContain(foreign.slice(0, 20));
});

test("the escrow key before the present one opens what was encrypted to it, and receives nothing new", async () => {
  const keyring = await openKeyring({
    escrowPrivateKey: pair.privateKey,
    escrowPreviousPrivateKey: stranger.privateKey,
  });
  expect(keyring.current.fingerprint).toBe(pair.fingerprint);
  const old = { recipient: stranger.fingerprint, message: await sealed("share", stranger) };
  expect(await keyring.open(old)).toBe("share");
  expect(keyring.holds("0".repeat(40))).toBe(false);
});

test("a private key with a passphrase is refused with the way out", async () => {
  const { privateKey } = await generateKey({ type: "ecc", userIDs: [{ name: "locked" }], passphrase: "secret" });
  await expect(openKeyring({ escrowPrivateKey: privateKey })).rejects.toThrow("must be without a passphrase");
});

test.each([
  ["nothing", undefined],
  ["a number", 7],
  ["a text that is no key", "hello"],
])("%s is no escrow key", async (_name, value) => {
  const inputs: Record<string, unknown> = { escrowPrivateKey: value };
  const faults = new Faults();
  await escrowFaults(faults, inputs as unknown as EscrowInputs);
  const [fault] = faults.list;
  expect(fault?.reason).toMatch(
    /^escrowPrivateKey: must be an armored PGP private key; make one with `npm run escrow -- <stack>`/,
  );
});

test("one key in two exports is one person to the check of the resource as well", async () => {
  const own = await readPrivateKey({ armoredKey: stranger.privateKey });
  const again = await reformatKey({ privateKey: own, userIDs: [{ name: "stranger at work" }], format: "object" });
  const other = Buffer.from(again.privateKey.toPublic().write()).toString("base64");
  expect(other).not.toBe(stranger.publicKey);
  const faults = new Faults();
  const shareRecipients = [stranger.publicKey, other, stranger.publicKey];
  await keySetFaults(faults, { secretShares: 3, secretThreshold: 2, keysGeneration: 1, shareRecipients });
  expect(faults.list.map(({ property }) => property)).toEqual(["shareRecipients[1]"]);
});
