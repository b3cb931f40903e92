import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { RawSettings } from "../../stacks/settings-faults.ts";

interface ProjectFile {
  readonly config: Readonly<Record<string, { readonly default: unknown }>>;
}

interface StackFile {
  readonly config: Readonly<Record<string, unknown>>;
}

/** Settings as the engine would hand them over for a stack: defaults, the stack's own values, a pair of keys. */
export function exampleSettings(
  changes: Readonly<Record<string, string | undefined>> = {},
  name: "dev" | "ha" = "dev",
): RawSettings {
  const project = parse(readFileSync("Pulumi.yaml", "utf8")) as ProjectFile;
  const stack = parse(readFileSync(`Pulumi.${name}.yaml`, "utf8")) as StackFile;
  const defaults = Object.entries(project.config).map(([name, { default: value }]) => [
    `vaultstack:${name}`,
    asText(value),
  ]);
  const own = Object.entries(stack.config).map(([name, value]) => [name, asText(value)]);
  const values = {
    ...(Object.fromEntries(defaults) as Record<string, string>),
    ...(Object.fromEntries(own) as Record<string, string>),
    "vaultstack:escrowPublicKey": Buffer.from([0xc6, 1, 2, 3]).toString("base64"),
    "vaultstack:escrowPrivateKey":
      "-----BEGIN PGP PRIVATE KEY BLOCK-----\nexample\n-----END PGP PRIVATE KEY BLOCK-----\n",
    "vaultstack:kvSeeds": JSON.stringify({ "webapp/config": { username: "static-user", password: "static-password" } }),
  };
  const changed = Object.entries(changes).map(([name, value]) => [
    name.includes(":") ? name : `vaultstack:${name}`,
    value,
  ]);
  // A setting changed to undefined is one that is not set.
  const all = { ...values, ...(Object.fromEntries(changed) as Record<string, string | undefined>) };
  return {
    values: withoutUndefined(all),
    secretNames: new Set(
      ["escrowPrivateKey", "kvSeeds", "postgresPassword", "sealCredentials"].map((name) => `vaultstack:${name}`),
    ),
    stack: "dev",
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function withoutUndefined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
