import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { type handleServerStreamingCall, status } from "@grpc/grpc-js";
import languageMessages from "@pulumi/pulumi/proto/language_pb.js";
import type { RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb.js";

const endWithEngine = pathToFileURL(join(import.meta.dirname, "..", "engine", "end-with-engine.ts")).href;

/**
 * Runs a policy pack, which the engine then calls at the address that the pack prints: by the SDK's own runner, as the
 * SDK of the pack's folder has it. Plugins of other kinds are left out.
 */
export const runPlugin: handleServerStreamingCall<RunPluginRequest, RunPluginResponse> = (call) => {
  const request = call.request;
  const folder = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  if (request.getKind() !== "analyzer") {
    const details = `a plugin of the kind ${request.getKind()}: must be a policy pack, got ${folder}; use the official language host`;
    call.destroy(Object.assign(new Error(details), { code: status.UNIMPLEMENTED, details }));
    return;
  }
  const runner = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const pack = spawn(process.execPath, ["--import", endWithEngine, runner, ...request.getArgsList(), folder], {
    cwd: folder,
    env: { ...process.env, ...Object.fromEntries(request.getEnvList().map(variable)) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  pack.stdout.on("data", (chunk: Buffer) => call.write(new languageMessages.RunPluginResponse().setStdout(chunk)));
  pack.stderr.on("data", (chunk: Buffer) => call.write(new languageMessages.RunPluginResponse().setStderr(chunk)));
  pack.on("error", (error) => call.destroy(Object.assign(error, { code: status.UNAVAILABLE, details: error.message })));
  pack.on("close", (code) => {
    call.write(new languageMessages.RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  // An orderly end, which keeps the compiled code for the next run.
  call.on("cancelled", () => pack.kill("SIGINT"));
};

/** `NAME=value` as a pair; the value may hold the sign too. */
function variable(assignment: string): [string, string] {
  const [name = "", ...value] = assignment.split("=");
  return [name, value.join("=")];
}
