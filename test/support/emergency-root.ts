import { z } from "zod";
import { patiently, vaultAt, type VaultClient } from "./vault-client.ts";

const attempt = z.object({ nonce: z.string(), otp: z.string() });
const progress = z.object({ complete: z.boolean(), encoded_token: z.string() });
const accessors = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const token = z.object({ data: z.object({ policies: z.array(z.string()) }) });

/**
 * Does something as root the way an operator would in an emergency: makes a token from the shares, and revokes it.
 * @param address Vault's API.
 * @param shares At least as many as the threshold.
 * @param work What is done, with a client and with the token itself.
 */
export async function asRoot<Result>(
  address: string,
  shares: readonly string[],
  work: (root: VaultClient, token: string) => Promise<Result>,
): Promise<Result> {
  const made = await makeRootToken(address, shares);
  const root = vaultAt(address, made);
  try {
    return await work(root, made);
  } finally {
    await patiently(() => root.request("PUT", "auth/token/revoke-self"));
  }
}

/**
 * Makes a root token from the shares and leaves it alive: for what takes every token of the Vault away.
 * @param address Vault's API.
 * @param shares At least as many as the threshold.
 */
export async function makeRootToken(address: string, shares: readonly string[]): Promise<string> {
  const anyone = vaultAt(address);
  const { nonce, otp } = attempt.parse(await anyone.request("PUT", "sys/generate-root/attempt", {}));
  let encoded = "";
  for (const key of shares) {
    const answer = progress.parse(await anyone.request("PUT", "sys/generate-root/update", { key, nonce }));
    encoded = answer.encoded_token;
    if (answer.complete) break;
  }
  return xor(Buffer.from(encoded, "base64"), Buffer.from(otp)).toString();
}

/** How many tokens with root's rights there are, the asking one included. */
export async function countRootTokens(root: VaultClient): Promise<number> {
  const { keys } = accessors.parse(await root.request("LIST", "auth/token/accessors")).data;
  const tokens = await Promise.all(
    keys.map(async (accessor) => token.parse(await root.request("PUT", "auth/token/lookup-accessor", { accessor }))),
  );
  return tokens.filter(({ data }) => data.policies.includes("root")).length;
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}
