/**
 * `npm run ci:preview -- <stack> --from <folder> [--cluster sandbox|current] [--json <file>] [-- pulumi flags]`:
 * previews the program and the settings of this checkout against a copy that `npm run ci:state` wrote, with the login
 * that may only read. It needs the passphrase of previews and a kubeconfig that may read, but neither the stack's
 * passphrase nor its backend. Without a copy the preview is that of a stack that does not exist yet.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fault } from "../shared/errors.ts";
import { stackCall } from "./ci/call.ts";
import { type PreviewStack, withPreviewStack } from "./ci/preview-stack.ts";
import { writeRecord } from "./ci/recorded-preview.ts";
import { previewPassphrase } from "./ci/throwaway-backend.ts";
import { refuse } from "./refuse.ts";
import { stackArgument } from "./stack-argument.ts";

const ownWords = process.argv.slice(2);
const separator = ownWords.indexOf("--");
const flags = separator < 0 ? [] : ownWords.slice(separator + 1);
const { values, positionals } = parseArgs({
  args: separator < 0 ? ownWords : ownWords.slice(0, separator),
  options: {
    from: { type: "string" },
    cluster: { type: "string", default: "sandbox" },
    json: { type: "string" },
  },
  allowPositionals: true,
});
const { stack, faults } = stackArgument(positionals);
const { from: folder, cluster, json } = values;
if (folder === undefined) {
  refuse([...faults, fault("--from", "must name the folder of a copy", undefined, "make one: npm run ci:state")]);
}
if (faults.length > 0) refuse(faults);
try {
  process.exitCode = await preview(folder);
} catch (error) {
  refuse([error instanceof Error ? error.message : String(error)]);
}

async function preview(from: string): Promise<number> {
  const passphrase = { PREVIEW_PASSPHRASE: previewPassphrase(process.env) };
  const { env, config } = await stackCall(stack, cluster);
  return withPreviewStack(stack, { env: { ...env, ...passphrase }, config }, from, (copied) => {
    for (const note of copied.notes) process.stderr.write(`${note}\n`);
    return Promise.resolve(run(copied));
  });
}

function run({ env, notes }: PreviewStack): number {
  const words = ["preview", "--stack", stack, "--non-interactive", "--policy-pack", "policy", ...flags];
  const options = { env, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 } as const;
  if (json === undefined) return spawnSync("pulumi", words, { ...options, stdio: "inherit" }).status ?? 1;
  const { status, stdout } = spawnSync("pulumi", [...words, "--json"], {
    ...options,
    stdio: ["ignore", "pipe", "inherit"],
  });
  writeFileSync(json, writeRecord(stack, { exitCode: status ?? 1, printed: stdout, notes }));
  return status ?? 1;
}
