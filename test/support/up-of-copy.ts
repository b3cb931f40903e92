/**
 * `node test/support/up-of-copy.ts <stack> <folder> [--show]`: what nobody is offered a script for: an `up` with the
 * copy of a stack for previews, or with `--show` its state with all secrets that are in it.
 */
import { spawnSync } from "node:child_process";
import { stackCall } from "../../scripts/ci/call.ts";
import { withPreviewStack } from "../../scripts/ci/preview-stack.ts";

const [stack = "", folder = "", show] = process.argv.slice(2);
const call = await stackCall(stack, "current");
process.exitCode = await withPreviewStack(stack, call, folder, ({ env }) => {
  const words = show === undefined ? ["up", "--yes", "--skip-preview"] : ["stack", "export", "--show-secrets"];
  const run = spawnSync("pulumi", [...words, "--stack", stack, "--non-interactive"], { env, stdio: "inherit" });
  return Promise.resolve(run.status ?? 1);
});
