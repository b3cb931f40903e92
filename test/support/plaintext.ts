import { readFileSync } from "node:fs";
import { decrypt, readMessage, readPrivateKey } from "openpgp";
import { z } from "zod";
import type { LiveStack } from "./live-stack.ts";
import { layersOf, withoutBreaks } from "./text-layers.ts";
import { vaultAt } from "./vault-client.ts";

const keysRecord = z.object({ shares: z.array(z.object({ recipient: z.string(), message: z.string() })) });
const revealed = z.union([
  z.string(),
  z.object({ plaintext: z.string() }).transform(({ plaintext }) => z.string().parse(JSON.parse(plaintext))),
]);
const adminOutputs = z.object({
  roleId: revealed,
  secretId: revealed,
  previewSecretId: revealed,
  authPath: z.string(),
});

/** By what name the login for previews goes, which a copy of the state for pull requests does hold. */
export const previewSecretName = "secret id for previews";

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
  const { roleId, secretId, previewSecretId, authPath } = adminOutputs.parse(
    await stack.secretOutputsOf("pulumi-nodejs:dynamic/vault:AdminAccess"),
  );
  const named = shares.map((share, index): [string, string] => [`share ${index}`, share]);
  // A line from the middle of the armor: the first ones are the modulus, which the public key shows too.
  const privatePart = z.string().min(40).parse(armoredKey.split(/\r?\n/)[14]);
  return {
    values: {
      ...Object.fromEntries(named),
      "secret id": secretId,
      [previewSecretName]: previewSecretId,
      passphrase: readFileSync(stack.passphraseFile, "utf8"),
      "escrow private key": privatePart,
      "seeded password": seed,
    },
    shares,
    login: (address) => vaultAt(address).loginAppRole(authPath, roleId, secretId),
  };
}

/** Shorter ones, or such of few different characters, are found anywhere: a test that looks for them proves nothing. */
const leastLength = 12;
const leastCharacters = 6;

/**
 * Looks for secrets in texts anyone may read, in whatever form they stand there: see `layersOf`. Says where and in
 * which form, never what. Whoever looks for nothing, or in nothing, has a fault in the test.
 * @returns One line for each secret in each place.
 */
export function plaintextHits(
  places: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): string[] {
  const wanted = Object.entries(secrets).map(([name, secret]) => ({ name, forms: formsOf(name, secret) }));
  const texts = Object.entries(places);
  if (wanted.length === 0) throw new Error("there is no secret to look for");
  if (texts.length === 0) throw new Error("there is no place to look at");
  return texts.flatMap(([place, text]) => {
    if (text === "") throw new Error(`${place} is empty: there is nothing to look at`);
    const hits = new Map<string, string>();
    for (const { ways, bytes } of layersOf(text)) {
      const found = wanted.filter(({ name, forms }) => !hits.has(name) && forms.some((form) => bytes.includes(form)));
      for (const { name } of found) hits.set(name, [`${name} in ${place}`, ...ways].join(", in "));
    }
    return [...hits.values()];
  });
}

/**
 * The same for fakes, whose secrets have no names and where not every place has something in it. What is encrypted with
 * OpenPGP is left out: looking into it would take longer than all the rest of a walk.
 * @returns One line for each secret in each place.
 */
export function leaksIn(places: Readonly<Record<string, string>>, secrets: readonly string[]): string[] {
  const filled = Object.entries(places)
    .map(([place, text]): [string, string] => [place, withoutPackets(text)])
    .filter(([, text]) => text !== "");
  // A Vault that nobody has initialised yet has no secret.
  if (filled.length === 0 || secrets.length === 0) return [];
  const named = Object.fromEntries(secrets.map((secret, index) => [`secret ${index}`, secret]));
  return plaintextHits(Object.fromEntries(filled), named);
}

/** Kinds of OpenPGP packets that messages and public keys begin with. */
const packetsOfPublic: readonly number[] = [1, 6];

function withoutPackets(text: string): string {
  return text.replace(/[A-Za-z0-9+/]{200,}={0,2}/g, (run) => {
    const [head = 0] = Buffer.from(run.slice(0, 4), "base64");
    const kind = head >= 0xc0 ? head & 0x3f : (head >> 2) & 0x0f;
    return head >= 0x80 && packetsOfPublic.includes(kind) ? "" : run;
  });
}

/**
 * A secret as it is, without its line breaks, and the bytes that it says where it is itself base64, hexadecimal or PEM.
 */
function formsOf(name: string, secret: string): string[] {
  const text = Buffer.from(secret.trim()).toString("latin1");
  if (text.length < leastLength || new Set(text).size < leastCharacters) {
    throw new Error(`${name} is too short or too plain to be looked for`);
  }
  const body = withoutBreaks(text.replace(/-----[A-Z ]+-----|^[A-Za-z]+: .*$|^=[A-Za-z0-9+/]{4}$/gm, ""));
  const digits = text.replaceAll("-", "");
  const bytes = [
    ...(/^([0-9a-f]{2})+$/i.test(digits) ? [Buffer.from(digits, "hex")] : []),
    ...(/^[A-Za-z0-9+/_-]{16,}=*$/.test(body) ? [Buffer.from(body, "base64")] : []),
  ];
  const forms = [text, withoutBreaks(text), body, ...bytes.map((form) => form.toString("latin1"))];
  return [...new Set(forms)].filter((form) => form.length >= leastLength);
}
