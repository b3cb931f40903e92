/**
 * `npm run ci:state -- <stack> --to <folder> [--cluster sandbox|current]`: writes a copy of the stack for other
 * people's previews, after an `up`. A preview of it shows what one of the stack itself would. In place of Pulumi's own
 * login it holds the one that may only read, in place of other secrets placeholders, and what is left is encrypted with
 * the passphrase PREVIEW_PASSPHRASE.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { fault } from "../shared/errors.ts";
import { stackCall } from "./ci/call.ts";
import { writeCopy } from "./ci/copy-files.ts";
import { previewCopy, type SecretSetting } from "./ci/preview-copy.ts";
import { secureSettings } from "./ci/secure-settings.ts";
import { inThrowawayBackend, previewPassphrase, runPulumi } from "./ci/throwaway-backend.ts";
import { makeEscrowKeyPair } from "./escrow-key.ts";
import { refuse } from "./refuse.ts";
import { stackArgument } from "./stack-argument.ts";

const shownSettings = z.record(
  z.string(),
  z.looseObject({ value: z.string().default(""), objectValue: z.unknown().optional() }),
);

const { values, positionals } = parseArgs({
  options: { to: { type: "string" }, cluster: { type: "string", default: "sandbox" } },
  allowPositionals: true,
});
const { stack, faults } = stackArgument(positionals);
const { to: folder, cluster } = values;
if (folder === undefined) {
  refuse([
    ...faults,
    fault("--to", "must name a folder", undefined, "write it as in: npm run ci:state -- ha --to copy"),
  ]);
}
if (faults.length > 0) refuse(faults);
try {
  await write(folder);
} catch (error) {
  refuse([error instanceof Error ? error.message : String(error)]);
}

async function write(to: string): Promise<void> {
  const passphrase = { PREVIEW_PASSPHRASE: previewPassphrase(process.env) };
  const { env, config } = await stackCall(stack, cluster);
  const secure = secureSettings(config);
  const shown = shownSettings.parse(
    JSON.parse(runPulumi(["config", "--show-secrets", "--json", "--stack", stack], env)),
  );
  const secrets = secure.map(({ place }): SecretSetting => ({ place, value: valueAt(shown, place) }));
  const state: unknown = JSON.parse(runPulumi(["stack", "export", "--show-secrets", "--stack", stack], env));
  const { privateKey } = await makeEscrowKeyPair(`${stack} previews`);
  const copy = previewCopy(state, secrets, privateKey);
  const encrypted = await inThrowawayBackend(
    stack,
    {},
    { ...env, ...passphrase },
    async ({ pulumi, secretsProvider }) => {
      // With the stack's own provider the engine would ask for the stack's passphrase.
      const { deployment, ...rest } = copy.state;
      const state = { ...rest, deployment: { ...deployment, secrets_providers: secretsProvider } };
      pulumi(["stack", "import", "--stack", stack], JSON.stringify(state));
      return Promise.resolve(pulumi(["stack", "export", "--stack", stack]));
    },
  );
  const settings = copy.settings.map((setting, index) => ({
    ...setting,
    place: [...setting.place],
    fingerprint: secure[index]?.fingerprint ?? "",
  }));
  writeCopy(to, { state: encrypted, settings });
  const report = [
    `a copy of stack ${stack} for previews is in ${to}; it holds the login that may only read`,
    ...(copy.kept.length === 0
      ? ["and no other secret"]
      : ["and, encrypted by the passphrase of previews, what is at:", ...copy.kept.map((place) => `  ${place}`)]),
  ];
  process.stderr.write(`${report.join("\n")}\n`);
}

/** A value among the settings as `pulumi config --json` shows them. */
function valueAt(shown: z.infer<typeof shownSettings>, [key = "", ...parts]: readonly string[]): string {
  const setting = shown[key];
  const whole: unknown = parts.length === 0 ? setting?.value : setting?.objectValue;
  const value = parts.reduce<unknown>(
    (inner, part) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, part) : undefined),
    whole,
  );
  if (typeof value === "string") return value;
  throw new Error(fault([key, ...parts].join("."), "must be a text", undefined, "set it anew"));
}
