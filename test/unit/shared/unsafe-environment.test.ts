/** Which variables stop a run. That the plugins obey them is their makers' word. */
import { spawnSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { connectKube } from "../../../kube/kube-client.ts";
import { unsafeEnvironmentFaults } from "../../../shared/unsafe-environment.ts";
import { verified } from "../../../shared/verified-tls.ts";
import { currentEnvironment } from "../../../scripts/stack-environment.ts";
import { loadConfig } from "../../../stacks/config.ts";
import { exampleSettings } from "../../support/example-settings.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const unsafe = [
  ["NODE_TLS_REJECT_UNAUTHORIZED", "0"],
  ["NODE_OPTIONS", "--max-old-space-size=512 --tls-min-v1.0"],
  ["NODE_OPTIONS", "--tls_keylog=/tmp/keys"],
  ["NODE_OPTIONS", "--inspect=0.0.0.0"],
  ["VAULT_SKIP_VERIFY", "True"],
  ["HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "1"],
  ["VAULT_PROXY_ADDR", "http://u:hunter2@proxy"],
  ["VAULT_HTTP_PROXY", "http://proxy"],
] as const;

test.each(unsafe)("%s=%s is refused by name, before a run (S6)", (name, value) => {
  const environment = currentEnvironment({ [name]: value });
  const faults = "faults" in environment ? environment.faults : [];
  expect(faults.filter((text) => text.startsWith(`${name}: must not`))).toHaveLength(1);
  expect(faults.join()).not.toContain("hunter2");
});

test.each(unsafe)(
  "%s=%s is refused where work on a cluster begins, in dynamic providers too (S6)",
  async (name, value) => {
    vi.stubEnv(name, value);
    await expect(connectKube("any")).rejects.toThrow(`${name}: must not`);
  },
);

test.each(unsafe)(
  "%s=%s is refused by the program, which `pulumi up` starts without the scripts (S6)",
  (name, value) => {
    const { values, secretNames } = exampleSettings({ kubeContext: "mine" });
    pulumi.runtime.setAllConfig(values);
    vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", JSON.stringify([...secretNames]));
    vi.stubEnv(name, value);
    expect(() => loadConfig()).toThrow(`${name}: must not`);
  },
);

const scripts: (readonly [string, string, ...string[]])[] = [
  ["scripts/stack.ts", "preview", "dev", "--cluster", "current"],
  ["scripts/stack.ts", "up", "dev"],
  ["scripts/stack.ts", "destroy", "dev"],
  ["scripts/inventory.ts", "dev"],
  ["scripts/ci-copy.ts", "dev", "--of", "owner/name"],
  ["scripts/ci-comment.ts", "--parts", "/nowhere", "--commit", "c", "--post", "owner/name#1"],
  ["scripts/sandbox.ts", "build"],
  ["scripts/sandbox.ts", "up"],
];

test.each(scripts)("%s %s refuses it by name and goes no further (S6)", (script, ...words) => {
  const env = {
    ...process.env,
    GH_TOKEN: "t",
    GITHUB_API_URL: "https://127.0.0.1:1",
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  };
  const { status, stderr } = spawnSync(process.execPath, [script, ...words], {
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(stderr).toContain("NODE_TLS_REJECT_UNAUTHORIZED: must not switch off the verification of certificates");
  expect(status === 1 || status === 2).toBe(true);
});

test("what weakens nothing is let through", () => {
  const options = "--enable-source-maps --inspect-publish-uid=http";
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: "1", NODE_OPTIONS: options, VAULT_SKIP_VERIFY: "false" };
  expect(unsafeEnvironmentFaults(env)).toEqual([]);
});

test("a connection states that it verifies, whatever the caller gives", () => {
  expect(verified({ rejectUnauthorized: false, minVersion: "TLSv1" })).toEqual({
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
  });
});
