import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { holderFaults } from "../../components/vault/bootstrap/holder-faults.ts";
import type { KeyCustody } from "../../components/vault/bootstrap/key-custody.ts";
import { fault } from "../../shared/errors.ts";
import type { consentSettings } from "./consent.ts";
import type { serverSettings } from "./server.ts";
import { armoredPrivateKey, consent, holders, publicKey, text, wholeNumber } from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

/**
 * The shares of Vault's root key: how many, who receives them, and the escrow key that the stack decrypts its own with.
 */
export const keySettings = {
  secretShares: setting(wholeNumber(1, 255, "Vault splits its key into that many shares"), {
    default: 1,
    description:
      "Number of shares Vault's root key is split into, 1 to 255. A later change replaces the keys by a rekey.",
    examples: [5],
  }),
  secretThreshold: setting(wholeNumber(1, 255, "it is the number of shares that unseal"), {
    default: 1,
    description: "Number of shares that unseal Vault, at most secretShares, and at least 2 unless there is one share.",
    examples: [3],
  }),
  custody: setting(
    z.discriminatedUnion(
      "kind",
      [z.strictObject({ kind: z.literal("pulumi") }), z.strictObject({ kind: z.literal("pgp"), holders: holders() })],
      { error: 'must be {kind: "pulumi"} or {kind: "pgp", holders: [...]}; set vaultstack:custody.kind' },
    ),
    {
      default: { kind: "pulumi" },
      description:
        "Who receives the shares. {kind: pulumi} is the stack alone, which then unseals by itself. {kind: pgp, holders} gives one share to each of these people's PGP public keys in base64, and the rest of secretShares, fewer than secretThreshold, to the stack: people then take part in each unsealing. A later change replaces the keys.",
      examples: [{ kind: "pulumi" }, { kind: "pgp", holders: ["xsBNBGUQ1xYBCAC7", "xsBNBGUQ2kMBCADQ"] }],
    },
  ),
  keysGeneration: setting(wholeNumber(1, 1_000_000, "raise it by one to replace all shares"), {
    default: 1,
    description: "Raise it by one to replace all shares, for example after one became known to somebody else.",
    examples: [2],
  }),
  escrowPublicKey: setting(publicKey(/^(|[A-Za-z0-9+/]+={0,2})$/, "make a pair with `npm run escrow -- <stack>`"), {
    default: "",
    description: "OpenPGP public key in base64 that Vault encrypts its shares to. Made by `npm run escrow -- <stack>`.",
  }),
  escrowPrivateKey: setting(armoredPrivateKey(), {
    secret: true,
    default: "",
    description:
      "Its private half, armored. Who holds it and the Secret vault-keys can unseal Vault; without it nobody can.",
  }),
  escrowPreviousPrivateKey: setting(armoredPrivateKey(), {
    secret: true,
    default: "",
    description:
      "The escrow key before the present one, while shares in use are encrypted to it. Set, and the pair replaced, by `npm run escrow -- <stack> --replace`; remove it once `up` has replaced the keys.",
  }),
  encodedRootToken: setting(
    text(
      /^(|[A-Za-z0-9+/]+={0,2})$/,
      "must be base64, without line breaks",
      "copy the encoded token that `vault operator generate-root` shows",
    ),
    {
      secret: true,
      default: "",
      description:
        "What `vault operator generate-root` shows to the last holder when this stack asked for it to rebuild its login. It is encrypted to the escrow key. Remove it after the run.",
    },
  ),
  allowReinitialize: setting(consent(), {
    default: false,
    description:
      "Consent to empty a Vault whose keys are lost and to start over. Set it to true for the one run that does so.",
  }),
};

type KeySettings = Parsed<typeof keySettings>;
type ServerSettings = Parsed<typeof serverSettings>;

/** Every fault of these settings that their schemas do not catch. */
export function keyFaults(settings: Partial<KeySettings & ServerSettings>, stack: string): string[] {
  return [...shareFaults(settings), ...custodyFaults(settings), ...escrowFaults(settings, stack)];
}

/** Vault's own rules, so that a preview fails instead of the one call that cannot be undone. */
function shareFaults({ secretShares: shares, secretThreshold: threshold }: Partial<KeySettings>): string[] {
  if (shares === undefined || threshold === undefined) return [];
  const path = `${project}:secretThreshold`;
  if (threshold > shares) {
    return [
      fault(path, `must be at most secretShares, which is ${shares}`, threshold, "lower it or raise secretShares"),
    ];
  }
  if (threshold === 1 && shares > 1) {
    return [fault(path, `must be at least 2 with ${shares} shares`, threshold, "raise it or set secretShares to 1")];
  }
  return [];
}

function custodyFaults({ custody, secretShares, secretThreshold, escrowPublicKey }: Partial<KeySettings>): string[] {
  if (custody?.kind !== "pgp" || secretShares === undefined || secretThreshold === undefined) return [];
  const shares = { secretShares, secretThreshold, escrowPublicKey: escrowPublicKey ?? "" };
  return holderFaults(`${project}:custody.holders`, { holders: custody.holders, ...shares });
}

function escrowFaults(
  { server, escrowPublicKey, escrowPrivateKey }: Partial<KeySettings & ServerSettings>,
  stack: string,
): string[] {
  if (server === undefined || server === "in-memory") return [];
  const missing = Object.entries({ escrowPublicKey, escrowPrivateKey }).filter(([, key]) => key === "");
  return missing.map(([name]) =>
    fault(
      `${project}:${name}`,
      "must hold the key that the shares are encrypted to",
      undefined,
      `run \`npm run escrow -- ${stack}\``,
    ),
  );
}

/** The custody in the form the component takes; null for a server without keys. */
export function custodyConfig(
  settings: KeySettings & ServerSettings & Pick<Parsed<typeof consentSettings>, "adoptExisting">,
): KeyCustody | null {
  if (settings.server === "in-memory") return null;
  const { secretShares, secretThreshold, keysGeneration, escrowPublicKey } = settings;
  const { allowReinitialize, adoptExisting } = settings;
  return {
    secretShares,
    secretThreshold,
    holders: settings.custody,
    keysGeneration,
    escrowPublicKey,
    escrowPrivateKey: pulumi.secret(settings.escrowPrivateKey),
    escrowPreviousPrivateKey: secretUnlessEmpty(settings.escrowPreviousPrivateKey),
    encodedRootToken: secretUnlessEmpty(settings.encodedRootToken),
    allowReinitialize,
    adoptExisting,
  };
}

function secretUnlessEmpty(value: string): pulumi.Output<string> | undefined {
  return value === "" ? undefined : pulumi.secret(value);
}
