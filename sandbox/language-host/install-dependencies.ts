import { spawn } from "node:child_process";

import { type handleServerStreamingCall, status } from "@grpc/grpc-js";
import languageMessages from "@pulumi/pulumi/proto/language_pb.js";
import type { InstallDependenciesRequest, InstallDependenciesResponse } from "@pulumi/pulumi/proto/language_pb.js";

/** `pulumi install`: runs `npm ci` in the program's folder and streams what it prints. */
export const installDependencies: handleServerStreamingCall<InstallDependenciesRequest, InstallDependenciesResponse> = (
  call,
) => {
  const directory = call.request.getInfo()?.getProgramDirectory() ?? call.request.getDirectory();
  const npm = spawn("npm", ["ci"], {
    cwd: directory,
    // Workspaces, too, whatever the program's .npmrc says: the packages this host runs from may be theirs.
    env: { ...process.env, npm_config_workspaces: "null" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  npm.stdout.on("data", (chunk: Buffer) => {
    call.write(new languageMessages.InstallDependenciesResponse().setStdout(chunk));
  });
  npm.stderr.on("data", (chunk: Buffer) => {
    call.write(new languageMessages.InstallDependenciesResponse().setStderr(chunk));
  });
  npm.on("error", (error) => call.destroy(Object.assign(error, { code: status.UNAVAILABLE, details: error.message })));
  npm.on("close", (code) => {
    if (code === 0) {
      call.end();
    } else {
      const details = `npm ci in ${directory}: must succeed, got exit code ${String(code)}; read its output above`;
      call.destroy(Object.assign(new Error(details), { code: status.FAILED_PRECONDITION, details }));
    }
  });
  call.on("cancelled", () => npm.kill());
};
