import { decrypt, readMessage, readPrivateKey } from "openpgp";
import { z } from "zod";
import type { LiveStack } from "./live-stack.ts";
import { vaultAt } from "./vault-client.ts";

const keysRecord = z.object({ shares: z.array(z.object({ recipient: z.string(), message: z.string() })) });
const revealed = z.union([
  z.string(),
  z.object({ plaintext: z.string() }).transform(({ plaintext }) => z.string().parse(JSON.parse(plaintext))),
]);
const adminOutputs = z.object({ roleId: revealed, secretId: revealed, authPath: z.string() });

/** What nobody but its owner may ever read of a stack. */
export interface StackSecrets {
  /** Every secret value by a name that may be printed. */
  readonly values: Readonly<Record<string, string>>;
  /** The key shares that the escrow key opens, as Vault takes them. */
  readonly shares: readonly string[];
  /** A token by the stack's own login. */
  login(address: string): Promise<string>;
}

/** Collects the secrets of a deployed stack the way their owner would: with the passphrase and the escrow key. */
export async function secretsOf(stack: LiveStack, seed: string): Promise<StackSecrets> {
  const armoredKey = await stack.secretSetting("escrowPrivateKey");
  const key = await readPrivateKey({ armoredKey });
  const encoded = await stack.kubectl(
    "-n",
    stack.namespace,
    "get",
    "secret",
    "vault-keys",
    "-o",
    "jsonpath={.data.record\\.json}",
  );
  const record = keysRecord.parse(JSON.parse(Buffer.from(encoded, "base64").toString()));
  const shares = await Promise.all(
    record.shares
      .filter(({ recipient }) => recipient === key.getFingerprint())
      .map(async ({ message }) => {
        const opened = await decrypt({
          message: await readMessage({ binaryMessage: Buffer.from(message, "base64") }),
          decryptionKeys: key,
        });
        return z.string().parse(opened.data);
      }),
  );
  const { roleId, secretId, authPath } = adminOutputs.parse(
    await stack.secretOutputsOf("pulumi-nodejs:dynamic/vault:AdminAccess"),
  );
  const named = shares.map((share, index): [string, string] => [`share ${index}`, share]);
  // A line from the middle of the armor: the first ones are the modulus, which the public key shows too.
  const privatePart = z.string().min(40).parse(armoredKey.split(/\r?\n/)[14]);
  return {
    values: {
      ...Object.fromEntries(named),
      "secret id": secretId,
      "escrow private key": privatePart,
      "seeded password": seed,
    },
    shares,
    login: (address) => vaultAt(address).loginAppRole(authPath, roleId, secretId),
  };
}

/**
 * Looks for secrets, in plaintext or base64, in texts anyone may read; for one in hexadecimal its bytes in base64 too. Says where,
 * never what.
 * @returns One line for each hit.
 */
export function plaintextHits(
  places: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    Object.entries(secrets).flatMap(([name, secret]) => {
      // Something that short is found anywhere; a test that looks for it proves nothing.
      if (secret.length < 8) throw new Error(`${name} is too short to be looked for`);
      const bytes = [Buffer.from(secret), ...(/^([0-9a-f]{2})+$/.test(secret) ? [Buffer.from(secret, "hex")] : [])];
      const encoded = bytes.map((form) => form.toString("base64").replace(/=+$/, "").slice(0, -1));
      return [secret, ...encoded].some((form) => text.includes(form)) ? [`${name} in ${place}`] : [];
    }),
  );
}
