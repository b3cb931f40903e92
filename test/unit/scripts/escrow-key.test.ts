import { readKey } from "openpgp";
import { expect, test } from "vitest";

import { openKeyring } from "../../../protocol/keys/escrow.ts";
import { makeEscrowKeyPair } from "../../../scripts/escrow-key.ts";

// What this does not prove: that Vault accepts the key; the live tests initialise a Vault with it.
test("the program accepts the private half and finds the public one to be its own", async () => {
  const { publicKey, privateKey } = await makeEscrowKeyPair("dev");
  expect((await openKeyring({ escrowPrivateKey: privateKey })).current.publicKey).toBe(publicKey);
}, 20_000);

test("the key is RSA of 3072 bits, named after its stack, and public base64 is one line", async () => {
  const { publicKey } = await makeEscrowKeyPair("ha");
  expect(publicKey).toMatch(/^[A-Za-z0-9+/]+=*$/);
  const key = await readKey({ binaryKey: Buffer.from(publicKey, "base64") });
  expect(key.getAlgorithmInfo()).toMatchObject({ algorithm: "rsaEncryptSign", bits: 3072 });
  expect(key.getUserIDs()).toEqual(["vaultstack ha escrow"]);
}, 20_000);
