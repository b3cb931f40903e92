/**
 * What of a kubeconfig is refused before anybody is contacted, as `kubectl` refuses it. Does not prove that its list is
 * complete.
 */
import { expect, test } from "vitest";
import type { ClusterEntry, UserEntry } from "../../../../kube/kubeconfig/kubeconfig-file.ts";
import { accessFaults } from "../../../../kube/kubeconfig/kubeconfig-faults.ts";

const server = "https://10.0.0.1:6443";
const apiVersion = "client.authentication.k8s.io/v1";
const exec = { apiVersion, command: "login", interactiveMode: "Never" };

function places(cluster: ClusterEntry, user: UserEntry): string[] {
  return accessFaults(cluster, user).map((text) => text.split(": ")[0] ?? "");
}

test.each<[string, ClusterEntry, string]>([
  ["no server", {}, "cluster.server"],
  [
    "an authority twice",
    { server, "certificate-authority": "/ca", "certificate-authority-data": "Y2E=" },
    "cluster.certificate-authority-data",
  ],
  [
    "an authority that is not to count",
    { server, "certificate-authority-data": "Y2E=", "insecure-skip-tls-verify": true },
    "cluster.insecure-skip-tls-verify",
  ],
  ["a proxy of another kind", { server, "proxy-url": "ftp://u:hunter2@proxy" }, "cluster.proxy-url"],
])("a cluster with %s is refused", (_, cluster, place) => {
  expect(places(cluster, {})).toEqual([place]);
});

test.each<[string, UserEntry, string]>([
  ["a certificate without its key", { "client-certificate-data": "Yw==" }, "user.client-key"],
  [
    "a certificate twice",
    { "client-certificate": "/c", "client-certificate-data": "Yw==", "client-key": "/k" },
    "user.client-certificate-data",
  ],
  [
    "a key twice",
    { "client-certificate": "/c", "client-key": "/k", "client-key-data": "aw==" },
    "user.client-key-data",
  ],
  ["a token beside a password", { token: "hunter2", username: "u", password: "p" }, "user.token"],
  ["groups of nobody", { "as-groups": ["g"] }, "user.as"],
  ["a login that kubectl no longer has", { "auth-provider": { name: "gcp" } }, "user.auth-provider.name"],
  ["two logins", { exec, "auth-provider": { name: "oidc" } }, "user.auth-provider"],
  ["a plugin without a command", { exec: { apiVersion } }, "user.exec.command"],
  [
    "a plugin of an old contract",
    { exec: { ...exec, apiVersion: "client.authentication.k8s.io/v1alpha1" } },
    "user.exec.apiVersion",
  ],
  [
    "a plugin that must ask somebody, whom there is none of",
    { exec: { ...exec, interactiveMode: "Always" } },
    "user.exec.interactiveMode",
  ],
  ["a plugin of another mode", { exec: { ...exec, interactiveMode: "Sometimes" } }, "user.exec.interactiveMode"],
])("a user with %s is refused", (_, user, place) => {
  expect(places({ server }, user)).toEqual([place]);
});

test("all faults are told at once, and none repeats a secret", () => {
  const cluster = { server, "proxy-url": "ftp://u:hunter2@proxy" };
  const user = { token: "hunter2", username: "u", exec: { ...exec, env: [{ name: "", value: "hunter2" }] } };
  const faults = accessFaults(cluster, user);
  expect(faults).toHaveLength(3);
  expect(faults.join()).not.toContain("hunter2");
});

test.each<UserEntry>([
  { exec },
  { exec: { ...exec, interactiveMode: "IfAvailable" } },
  { exec: { ...exec, apiVersion: "client.authentication.k8s.io/v1beta1" } },
  { as: "deployer", "as-groups": ["g"] },
  { "auth-provider": { name: "oidc" } },
  {},
])("%j is what kubectl takes", (user) => {
  expect(places({ server }, user)).toEqual([]);
});
