import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { fault } from "../shared/errors.ts";
import type { RawSettings } from "../stacks/settings/parse-settings.ts";
import type { Setting } from "../stacks/settings/setting.ts";
import { settings } from "../stacks/settings/settings.ts";

const projectFile = z.object({ config: z.record(z.string(), z.looseObject({ default: z.unknown() })) });
const stackFile = z.object({ config: z.record(z.string(), z.unknown()).default({}) });

/** A placeholder for every secret: without the passphrase nobody can read them, and a graph must not need it. */
const placeholder = "a-placeholder";

/** A key pair that passes for a real one, because a graph of a stack without an escrow key is useful too. */
const stoodFor: Readonly<Record<string, string>> = {
  "vaultstack:escrowPublicKey": Buffer.from([0xc6, 1, 2, 3]).toString("base64"),
  "vaultstack:escrowPrivateKey":
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nexample\n-----END PGP PRIVATE KEY BLOCK-----\n",
};

/**
 * Settings of a stack as the engine would hand them over, read without the engine: the defaults of `Pulumi.yaml`, the
 * values of `Pulumi.<stack>.yaml`, and a placeholder for each secret.
 * @param changes Values to override, by name; those of secret settings count as stored encrypted.
 * @param folder Where these files are. @default - the current folder
 * @returns The settings, to be parsed.
 * @throws {Error} When there is no such stack here.
 */
export function offlineSettings(
  stack: string,
  changes: Readonly<Record<string, string>> = {},
  folder = ".",
): RawSettings {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw new Error(unknownStack(stack, folder));
  const project = projectFile.parse(parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")));
  const defaults = Object.entries(project.config);
  const own = Object.entries(stackFile.parse(parse(readFileSync(file, "utf8"))).config);
  const secret = own.filter(([, value]) => isSecret(value)).map(([name]) => name);
  const values: Record<string, string> = {
    ...Object.fromEntries(defaults.map(([name, { default: value }]) => [`vaultstack:${name}`, asText(value)])),
    ...stoodFor,
    ...Object.fromEntries(own.filter(([name]) => !(name in stoodFor)).map(([name, value]) => [name, asText(value)])),
    ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [qualified(name), value])),
  };
  const changed = Object.entries<Setting>(settings)
    .filter(([name, { secret }]) => secret === true && name in changes)
    .map(([name]) => qualified(name));
  return { values, secretNames: new Set([...secret, ...changed, "vaultstack:escrowPrivateKey"]), stack };
}

/** The stacks whose settings are here. */
function knownStacks(folder: string): string[] {
  return globSync("Pulumi.*.yaml", { cwd: folder })
    .map((name) => name.slice("Pulumi.".length, -".yaml".length))
    .sort();
}

function unknownStack(stack: string, folder: string): string {
  const remedy = "name one of them; `npm run graph` reads the settings in Pulumi.<stack>.yaml";
  return fault("the stack", `must be one of ${knownStacks(folder).join(", ")}`, stack, remedy);
}

function qualified(name: string): string {
  return name.includes(":") ? name : `vaultstack:${name}`;
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  // A secret as a whole: the parts of an encrypted object cannot even be told apart.
  if (isCiphertext(value)) return placeholder;
  return JSON.stringify(withoutCiphertext(value));
}

function isSecret(value: unknown): boolean {
  return isCiphertext(value) || (typeof value === "object" && value !== null && Object.values(value).some(isSecret));
}

function isCiphertext(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

function withoutCiphertext(value: unknown): unknown {
  if (isCiphertext(value)) return placeholder;
  if (Array.isArray(value)) return value.map(withoutCiphertext);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutCiphertext(part)]));
}
