import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { currentEnvironment } from "../../../scripts/stack-environment.ts";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";

function callerWith(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder(files);
  if ("bin/pulumi" in files) chmodSync(join(folder, "bin/pulumi"), 0o755);
  return { folder, env: { PATH: join(folder, "bin"), KUBECONFIG: join(folder, "kubeconfig") } };
}

test("on the caller's own cluster the environment is the caller's, without any Vault setting", () => {
  const { env } = callerWith({ "bin/pulumi": "", kubeconfig: "" });
  const caller = { ...env, PULUMI_BACKEND_URL: "s3://team", VAULT_ADDR: "http://elsewhere", VAULT_TOKEN: "t" };
  expect(currentEnvironment(caller)).toEqual({ env: { ...env, PULUMI_BACKEND_URL: "s3://team" } });
});

test("one of several kubeconfigs is enough", () => {
  const { folder, env } = callerWith({ "bin/pulumi": "", kubeconfig: "" });
  expect(currentEnvironment({ ...env, KUBECONFIG: `${folder}/absent:${env.KUBECONFIG}` })).toHaveProperty("env");
});

test("everything missing is named at once, with the way out", () => {
  const { env } = callerWith({});
  const environment = currentEnvironment(env);
  expect("faults" in environment ? environment.faults : []).toEqual([
    "pulumi: must be on PATH for --cluster current, got none; install the Pulumi CLI",
    `the kubeconfig: must exist for --cluster current, got no file at ${env.KUBECONFIG}; ` +
      "set KUBECONFIG, or leave out --cluster current to use the sandbox",
  ]);
});
