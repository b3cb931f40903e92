/** Which variables stop a run. That the plugins obey them is their makers' word. */
import { afterEach, expect, test, vi } from "vitest";
import { connectKube } from "../../../../components/cluster/kube-client.ts";
import { unsafeEnvironmentFaults } from "../../../../components/shared/unsafe-environment.ts";
import { verified } from "../../../../components/shared/verified-tls.ts";
import { currentEnvironment } from "../../../../scripts/stack-environment.ts";

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

test("it is refused by the program itself as well, which `pulumi up` starts without the scripts (S6)", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  await expect(connectKube("any")).rejects.toThrow(/^NODE_TLS_REJECT_UNAUTHORIZED: must not/);
});

test("what weakens nothing is let through", () => {
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: "1", NODE_OPTIONS: "--enable-source-maps", VAULT_SKIP_VERIFY: "false" };
  expect(unsafeEnvironmentFaults(env)).toEqual([]);
});

test("a connection states that it verifies, whatever the caller gives", () => {
  expect(verified({ rejectUnauthorized: false, minVersion: "TLSv1" })).toEqual({
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
  });
});
