import { z } from "zod";
import { fault } from "../../shared/errors.ts";
import type { VaultCredential } from "../../protocol/vault-client/session.ts";
import { mapTexts, type Place } from "./state-secrets.ts";
import { decodedBase64, remaining, type Substitutes, substituted } from "./substitution.ts";

const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
});
const exported = z.looseObject({ deployment: z.looseObject({ resources: z.array(resource) }) });
type Resource = z.infer<typeof resource>;

/** A secret of the settings, decrypted. */
export interface SecretSetting {
  /** Where it stands in the settings file, below `config`. */
  readonly place: Place;
  readonly value: string;
}

/** What previews in other people's hands may have of a stack. */
export interface PreviewCopy {
  /** The state, with secrets shown as `pulumi stack export --show-secrets` does; `pulumi stack import` takes it. */
  readonly state: z.infer<typeof exported>;
  /** What stands for each secret of the settings, in their order. */
  readonly settings: readonly SecretSetting[];
  /** Secrets that are still in it, by resource and property; the login for previews is not among them. */
  readonly kept: readonly string[];
}

const adminAccessType = "pulumi-nodejs:dynamic/vault:AdminAccess";

/**
 * Makes a copy of a stack that previews as the stack itself, and holds the login for previews in place of Pulumi's own,
 * and placeholders in place of other secrets.
 *
 * A secret that a resource made (a password, a key) or that is a setting is replaced wherever it stands, so that what
 * the program derives from it is derived from the placeholder on both sides, and shows no difference.
 * @param state The state with its secrets shown.
 * @param escrowPlaceholder A PGP key that opens nothing; there must be one, since it is read before anything else.
 * @throws {Error} When the stack has no login for previews, or a secret would be left somewhere.
 */
export function previewCopy(state: unknown, secrets: readonly SecretSetting[], escrowPlaceholder: string): PreviewCopy {
  const { deployment } = exported.parse(state);
  const { substitutes, previewLogin } = substitutesOf(deployment.resources, secrets, escrowPlaceholder);
  const plain = plainTexts(state);
  const kept = new Set<string>();
  const copied = mapTexts(state, (text, place, secret) => {
    const other = substituted(text, substitutes);
    const isHarmless = other !== text || previewLogin.has(text) || isKnown(text, plain);
    if (secret && !isHarmless) kept.add(placeName(deployment.resources, place));
    return other;
  });
  const left = remaining(JSON.stringify(copied), substitutes.keys());
  if (left > 0) {
    throw new Error(fault("the copy of the state", "must hold no secret it should not", left, "nothing was written"));
  }
  const settings = secrets.map(({ place, value }) => ({ place, value: substitutes.get(value) ?? value }));
  return { state: exported.parse(copied), settings, kept: [...kept].sort() };
}

interface Found {
  readonly substitutes: Substitutes;
  readonly previewLogin: ReadonlySet<string>;
}

function substitutesOf(resources: readonly Resource[], secrets: readonly SecretSetting[], escrow: string): Found {
  const substitutes = new Map<string, string>();
  const replace = (text: string, by?: string): void => {
    // Numbered and not derived: a short secret could be guessed from a fingerprint.
    if (text !== "" && !substitutes.has(text)) substitutes.set(text, by ?? `not-the-secret-${substitutes.size + 1}`);
  };
  const admin = resources.find(({ type }) => type === adminAccessType);
  const made = new Map(secretTexts(admin?.outputs ?? {}).map(({ place, text }) => [place[0] ?? "", text]));
  const [roleId, secretId] = [made.get("roleId"), made.get("secretId")];
  const [previewRoleId = "", previewSecretId = ""] = [made.get("previewRoleId"), made.get("previewSecretId")];
  const previewLogin = new Set([previewRoleId, previewSecretId].filter((text) => text !== ""));
  if (roleId === undefined || secretId === undefined || previewLogin.size < 2) {
    const remedy = "run `up` first; a development server has none";
    throw new Error(fault("the stack", "must have a login for previews", undefined, remedy));
  }
  replace(roleId, previewRoleId);
  replace(secretId, previewSecretId);
  for (const { place, value } of secrets) {
    replace(value, /^vaultstack:escrow.*PrivateKey$/.test(place[0] ?? "") ? escrow : undefined);
  }
  for (const { inputs, outputs } of resources) {
    const given = new Set(secretTexts(inputs).map(({ text }) => text));
    const plain = plainTexts(outputs);
    for (const { text } of secretTexts(outputs)) {
      const isMade = !given.has(text) && !previewLogin.has(text) && !isKnown(text, plain);
      if (isMade && substituted(text, substitutes) === text && !isGiven(text, given)) replace(text);
    }
  }
  return { substitutes, previewLogin };
}

/** A Kubernetes Secret holds in base64 what it was given. */
function isGiven(text: string, given: ReadonlySet<string>): boolean {
  const decoded = decodedBase64(text);
  return decoded !== null && given.has(decoded);
}

function secretTexts(value: unknown): { readonly place: Place; readonly text: string }[] {
  const found: { place: Place; text: string }[] = [];
  mapTexts(value, (text, place, secret) => {
    if (secret) found.push({ place, text });
    return text;
  });
  return found;
}

/** All that is no secret, in one text. */
function plainTexts(value: unknown): string {
  const found: string[] = [];
  mapTexts(value, (text, _place, secret) => {
    if (!secret) found.push(text);
    return text;
  });
  return found.join("\n");
}

/** Says how a login works, and is marked as secret because it stands beside its parts. */
const credentialKinds: ReadonlySet<string> = new Set<VaultCredential["kind"]>(["app-role", "token"]);

/** What stands elsewhere for all to read is no secret, whatever it is marked as. */
function isKnown(text: string, plain: string): boolean {
  return (
    text === "" || credentialKinds.has(text) || plain.includes(text) || plain.includes(decodedBase64(text) ?? text)
  );
}

function placeName(resources: readonly Resource[], [, , index = "", ...place]: Place): string {
  const urn = resources[Number(index)]?.urn ?? "";
  return `${urn.split("::").at(-1) ?? ""} (${urn.split("::").at(-2)?.split("$").at(-1) ?? ""}): ${place.join(".")}`;
}
