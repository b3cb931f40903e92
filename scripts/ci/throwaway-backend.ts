import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { fault } from "../../shared/errors.ts";

/** Names of the variables with the passphrase of previews, and with the path of a file that holds it. */
const passphraseVariable = "PREVIEW_PASSPHRASE";
const passphraseFileVariable = "PREVIEW_PASSPHRASE_FILE";
/** What would lead to the stack's own backend or secrets, or what a program need not know. */
const replaced = ["PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK", passphraseVariable, passphraseFileVariable];

const initialised = z.looseObject({ encryptionsalt: z.string() });

/**
 * A backend on this machine with one stack, gone after its use; secrets in it are encrypted with the passphrase of
 * previews.
 */
export interface ThrowawayBackend {
  /** Environment of `pulumi` in it. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs `pulumi` and returns what it printed; nothing secret may be among the words. */
  readonly pulumi: (words: readonly string[], input?: string) => string;
  /** The secrets provider of the stack, as it stands in a state. */
  readonly secretsProvider: { readonly type: "passphrase"; readonly state: { readonly salt: string } };
}

/**
 * The passphrase of previews, which is not the stack's.
 * @throws {Error} When there is none.
 */
export function previewPassphrase(env: NodeJS.ProcessEnv): string {
  const file = env[passphraseFileVariable];
  const passphrase = env[passphraseVariable] ?? (file === undefined ? "" : readFileSync(file, "utf8").trimEnd());
  if (passphrase !== "") return passphrase;
  const remedy = `set it, or ${passphraseFileVariable}, to a passphrase that is not the stack's`;
  throw new Error(fault(passphraseVariable, "must be set", undefined, remedy));
}

/**
 * Does something in a backend of its own.
 * @param env Environment of `pulumi`, to which the backend is added.
 */
export async function inThrowawayBackend<Result>(
  stack: string,
  config: unknown,
  env: NodeJS.ProcessEnv,
  work: (backend: ThrowawayBackend) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "vaultstack-preview-"));
  try {
    const inherited = Object.entries(env).filter(([name]) => !replaced.includes(name));
    const own: NodeJS.ProcessEnv = {
      ...Object.fromEntries(inherited),
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: previewPassphrase(env),
      PULUMI_OPTION_CONFIG_FILE: join(folder, `Pulumi.${stack}.yaml`),
      PULUMI_OPTION_STACK: "",
    };
    mkdirSync(join(folder, "backend"));
    const file = join(folder, `Pulumi.${stack}.yaml`);
    writeFileSync(file, stringify({ config }), { mode: 0o600 });
    const pulumi: ThrowawayBackend["pulumi"] = (words, input) => runPulumi(words, own, input);
    pulumi(["stack", "init", stack, "--no-select"]);
    const { encryptionsalt: salt } = initialised.parse(parse(readFileSync(file, "utf8")));
    return await work({ env: own, pulumi, secretsProvider: { type: "passphrase", state: { salt } } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs `pulumi` to its end.
 * @param words Its arguments; none may be secret.
 * @throws {Error} When it fails; the error does not repeat what it printed to standard output, which may be secret.
 */
export function runPulumi(words: readonly string[], env: NodeJS.ProcessEnv, input = ""): string {
  const { status, stdout, stderr, error } = spawnSync("pulumi", [...words, "--non-interactive"], {
    encoding: "utf8",
    env,
    input,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`pulumi ${words.slice(0, 2).join(" ")}: ${stderr.trim()}`);
  return stdout;
}
