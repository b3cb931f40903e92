import { describe, expect, test, vi } from "vitest";
import { renderPolicy, type PolicyRule } from "../../../components/access/policy-document.ts";
import { brokenRules } from "../../../policy/judge-recording.ts";
import { rules } from "../../../policy/rules/index.ts";
import { type JudgedResource, violations } from "../../../policy/rules/rule.ts";
import { graphOfDev } from "../../support/graph-of-dev.ts";

// Each recording is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

type Inputs = Readonly<Record<string, unknown>>;
const resource = (type: string, inputs: Inputs, isProtected = false): JudgedResource => ({
  type,
  name: "it",
  inputs,
  isProtected,
});

const selector = { matchLabels: { app: "vault" } };
const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } };
const server = (pod: Inputs = { affinity: apart }, rest: Inputs = {}): JudgedResource =>
  resource("kubernetes:apps/v1:StatefulSet", {
    spec: {
      ...{ replicas: 3, selector, volumeClaimTemplates: [{}], ...rest },
      template: { spec: { containers: [{ command: ["/bin/vault", "server"] }], ...pod } },
    },
  });
const budget = (maxUnavailable: number): JudgedResource =>
  resource("kubernetes:policy/v1:PodDisruptionBudget", { spec: { maxUnavailable, selector } });
const config = (text: string): JudgedResource =>
  resource("kubernetes:core/v1:ConfigMap", { data: { "server.hcl": text } });
const secure = 'listener "tcp" {\n  tls_cert_file = "c"\n}\nstorage "raft" {\n  leader_api_addr = "https://a"\n}\n';
const provider = (inputs: Inputs): JudgedResource => resource("pulumi:providers:vault", inputs);
const policy = (rule: PolicyRule): JudgedResource =>
  resource("vault:index/policy:Policy", { name: "p", policy: renderPolicy([rule]) });
const role = (inputs: Inputs): JudgedResource =>
  resource("vault:kubernetes/authBackendRole:AuthBackendRole", {
    ...{
      boundServiceAccountNames: ["app"],
      boundServiceAccountNamespaces: ["shop"],
      audience: "vault",
      tokenTtl: 3600,
    },
    ...inputs,
  });
const agent = (inputs: Inputs): JudgedResource =>
  resource("vault:appRole/authBackendRole:AuthBackendRole", { tokenTtl: 600, ...inputs });
const job = (inputs: Inputs): JudgedResource =>
  resource("vault:jwt/authBackendRole:AuthBackendRole", { boundAudiences: ["vault"], tokenTtl: 600, ...inputs });
const logins = (inputs: Inputs): JudgedResource =>
  resource("vault:database/secretBackendRole:SecretBackendRole", inputs);
const outputs = (inputs: Inputs): JudgedResource => resource("pulumi:pulumi:Stack", inputs);
const pod = (container: Inputs, spec: Inputs = {}): JudgedResource =>
  resource("kubernetes:apps/v1:Deployment", {
    spec: {
      template: {
        spec: { securityContext: { runAsNonRoot: true }, containers: [{ name: "c", ...container }], ...spec },
      },
    },
  });
const unprivileged = { securityContext: { allowPrivilegeEscalation: false } };
const key = (deletionAllowed: boolean, isProtected = false): JudgedResource =>
  resource("vault:transit/secretBackendKey:SecretBackendKey", { deletionAllowed }, isProtected);
const device = resource("vault:index/audit:Audit", {});

/** Of each rule: what passes, and what fails with the beginning of its fault. */
const examples: Readonly<
  Record<string, { passes: readonly JudgedResource[][]; fails: readonly (readonly [JudgedResource[], string])[] }>
> = {
  "tls-outside-dev": {
    passes: [
      [config(secure)],
      [config('listener "tcp" {\n  tls_disable = true\n}\nstorage "file" {\n}\n')],
      [config("other")],
    ],
    fails: [
      [[config(`${secure}tls_disable = true`)], "listener: must have TLS in a cluster"],
      [[config(secure.replace("tls_cert_file", "x"))], "listener: must have TLS in a cluster"],
      [[config(`${secure}tls_min_version = "tls11"`)], "listener.tls_min_version: must be tls12"],
      [[config(secure.replace("https://", "http://"))], "retry_join: must lead to servers by https"],
    ],
  },
  "verified-vault": {
    passes: [[provider({})], [provider({ skipTlsVerify: "false" })]],
    fails: [[[provider({ skipTlsVerify: "true" })], "skipTlsVerify: must be false"]],
  },
  "raft-bears-losses": {
    passes: [[server(), budget(1)], [server({}, { replicas: 1 })]],
    fails: [
      [[server()], "replicas: must have a disruption budget that leaves 2 servers, got nothing"],
      [[server(), budget(2)], "replicas: must have a disruption budget that leaves 2 servers, got 2"],
      [[server({}), budget(1)], "affinity.podAntiAffinity: must keep servers apart"],
    ],
  },
  "data-stays": {
    passes: [
      [server({}, { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } })],
      [server(), key(false), key(true, true)],
    ],
    fails: [
      [
        [server({}, { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" } })],
        'persistentVolumeClaimRetentionPolicy.whenDeleted: must be Retain, got "Delete"',
      ],
      [[key(true)], "deletionAllowed: must not be true"],
    ],
  },
  "two-audit-devices": {
    passes: [[server(), device, device], [device]],
    fails: [[[server(), device], "audit devices: must be two or more, got 1"]],
  },
  "narrow-policies": {
    passes: [
      [policy({ path: "secret/data/app", capabilities: ["read"] })],
      [policy({ path: "+/*", capabilities: ["read"], because: "the auditor reads all" })],
      [policy({ path: "sys/audit", capabilities: ["sudo"], because: "Vault wants it" })],
    ],
    fails: [
      [[policy({ path: "*", capabilities: ["read"] })], "policy.*: must not have a wildcard without a reason"],
      [[policy({ path: "+/x", capabilities: ["read"] })], "policy.+/x: must not have a wildcard without a reason"],
      [
        [policy({ path: "sys/raw", capabilities: ["read", "sudo"] })],
        "policy.sys/raw: must not have sudo without a reason",
      ],
      [[policy({ path: "sys/raw", capabilities: ["deny"] })], "policy.sys/raw: must not have deny without a reason"],
      [
        [resource("vault:index/policy:Policy", { policy: 'path "*" { policy = "write" }' })],
        "policy: must be rendered from rules",
      ],
    ],
  },
  "short-lives": {
    passes: [
      [role({})],
      [role({ tokenTtl: undefined, tokenPeriod: 120 })],
      [agent({ secretIdTtl: 600 })],
      [logins({ defaultTtl: 600, maxTtl: 1200 })],
    ],
    fails: [
      [[role({ tokenTtl: 90_000 })], 'tokenTtl: must be at most 24h, got "90000s"'],
      [[role({ tokenTtl: undefined })], "tokenTtl or tokenPeriod: must be set"],
      [[role({ tokenMaxTtl: 33 * 86_400 })], "tokenMaxTtl: must be at most 32d"],
      [[agent({})], "secretIdTtl: must be set"],
      [[logins({ defaultTtl: 600, maxTtl: 90_000 })], "maxTtl: must be at most 24h"],
    ],
  },
  "bound-service-accounts": {
    passes: [[role({})], [role({ boundServiceAccountNames: ["a", "b"] })]],
    fails: [
      [[role({ boundServiceAccountNames: ["*"] })], "boundServiceAccountNames: must name each"],
      [[role({ boundServiceAccountNamespaces: [] })], "boundServiceAccountNamespaces: must name each"],
      [
        [role({ boundServiceAccountNames: ["a", "b"], boundServiceAccountNamespaces: ["x", "y"] })],
        "boundServiceAccountNames: must be of one namespace",
      ],
      [[role({ audience: undefined })], "audience: must be set"],
    ],
  },
  "bound-tokens": {
    passes: [[job({ boundSubject: "shop/app" })], [job({ boundClaims: { ref: "main" } })], [role({})]],
    fails: [
      [[job({})], "boundSubject or boundClaims: must be set"],
      [[job({ boundClaims: {}, boundSubject: "" })], "boundSubject or boundClaims: must be set"],
      [[job({ boundAudiences: [], boundSubject: "a" })], "boundAudiences: must name at least one"],
    ],
  },
  "wrapped-secret-ids": {
    passes: [
      [policy({ path: "auth/a/role/b/secret-id", capabilities: ["update"], wrapping: { min: "1s", max: "60s" } })],
      [policy({ path: "auth/a/role/b/role-id", capabilities: ["read"] })],
      [policy({ path: "auth/a/role/b/secret-id", capabilities: ["deny"], because: "nobody may" })],
    ],
    fails: [
      [
        [policy({ path: "auth/a/role/b/secret-id", capabilities: ["update"] })],
        "policy.auth/a/role/b/secret-id.wrapping: must be at most 5m, got nothing",
      ],
      [
        [policy({ path: "auth/a/b/role/+/secret-id", capabilities: ["update"], wrapping: { min: "1s", max: "1h" } })],
        'policy.auth/a/b/role/+/secret-id.wrapping: must be at most 5m, got "1h"',
      ],
    ],
  },
  "no-secret-outputs": {
    passes: [
      [outputs({ address: "https://vault.test:8200", ca: "-----BEGIN CERTIFICATE-----", demoAppSecretName: "x" })],
    ],
    fails: [
      [[outputs({ key: "-----BEGIN EC PRIVATE KEY-----" })], "outputs.key: must not be a private key"],
      [[outputs({ nested: { deep: `hvs.${"a".repeat(24)}` } })], "outputs.nested: must not be a token of Vault"],
      [[outputs({ url: "postgres://app:hunter2@db:5432/x" })], "outputs.url: must not be a password in an address"],
      [[outputs({ adminPassword: "hunter2" })], "outputs.adminPassword: must not be a secret by its name"],
    ],
  },
  "pinned-images": {
    passes: [
      [pod({ image: "hashicorp/vault:1.21.0" })],
      [pod({ image: `registry.test:5000/vault@sha256:${"0".repeat(64)}` })],
    ],
    fails: [
      [[pod({ image: "vault:latest" })], 'containers[0].image: must have a fixed tag or digest, got "vault:latest"'],
      [[pod({ image: "registry.test:5000/vault" })], "containers[0].image: must have a fixed tag or digest"],
    ],
  },
  "unprivileged-pods": {
    passes: [[pod(unprivileged)]],
    fails: [
      [[pod({})], "containers[0].securityContext.allowPrivilegeEscalation: must be false"],
      [
        [pod({ securityContext: { ...unprivileged.securityContext, privileged: true } })],
        "containers[0].securityContext.privileged: must not be true",
      ],
      [
        [pod({ securityContext: { ...unprivileged.securityContext, runAsNonRoot: false } })],
        "containers[0].securityContext.runAsNonRoot: must be true",
      ],
      [
        [pod({ securityContext: { ...unprivileged.securityContext, capabilities: { add: ["NET_ADMIN"] } } })],
        "containers[0].securityContext.capabilities.add: must be empty",
      ],
      [[pod(unprivileged, { hostNetwork: true })], "hostNetwork: must not be shared"],
      [
        [pod(unprivileged, { volumes: [{ name: "etc", hostPath: { path: "/etc" } }] })],
        "volumes: must not be folders of the node",
      ],
    ],
  },
};

test("every rule of the pack has examples", () => {
  expect(rules.map(({ name }) => name).sort()).toEqual(Object.keys(examples).sort());
});

describe.each(rules.map((rule) => [rule.name, rule] as const))("the rule %s", (name, rule) => {
  test.each(examples[name]!.passes.map((resources) => [resources]))("lets pass %j", (resources) => {
    expect(violations(rule, resources)).toEqual([]);
  });

  test.each(examples[name]!.fails)("refuses %j", (resources, beginning) => {
    const faults = violations(rule, resources).map(({ fault }) => fault);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.slice(0, beginning.length)).toBe(beginning);
    expect(faults[0]).not.toMatch(/hunter2|aaaaaa/);
  });
});

test.each([
  ["dev", {}],
  ["ha", {}],
  ["dev", { server: "in-memory" }],
])("the stack %s with %j breaks no rule", async (stack, settings) => {
  expect(brokenRules(await graphOfDev({ stack, settings }))).toEqual([]);
});
