import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import {
  agentAnnotations,
  type AgentInjection,
  injectionFaults,
  injectionRules,
} from "../../../../components/delivery/agent-injection.ts";
import { SyncedApp } from "../../../../demo/synced-app.ts";
import { find, record } from "../../../../graph/recorder.ts";

// Proves what is rendered, against the names of the injector's documentation. That an injector does it is not shown
// here.

const text = (value: string) => pulumi.output(value);
const kv = { mount: text("kv"), name: "shop", dataPath: text("kv/data/shop"), metadataPath: text("kv/metadata/shop") };
const login = { authPath: text("kubernetes"), roleName: text("shop"), audience: "vault", tokenEnd: null };
const database = {
  mount: text("db"),
  credentialsPath: text("creds/shop"),
  rules: [{ path: "db/creds/shop", capabilities: ["read"] }],
  lifetime: { kind: "lease", ttl: "10m", maxTtl: "20m" },
} as const;
const vaultAddress = "http://vault.test:8200";
const config = { kind: "static", source: kv } as const;

describe("the annotations of an agent", () => {
  test("name role, login method, address, files and what is written to them", async () => {
    const { outputs } = await record(() =>
      agentAnnotations(
        {
          login,
          vaultAddress,
          files: {
            config: { ...config, permissions: "0440" },
            "login.env": { kind: "dynamic", source: database, text: "USER={{ .username }}", command: "kill -HUP 1" },
          },
        },
        "app",
      ),
    );
    expect(outputs).toEqual({
      "vault.hashicorp.com/agent-inject": "true",
      "vault.hashicorp.com/agent-inject-containers": "app",
      "vault.hashicorp.com/agent-pre-populate-only": "false",
      "vault.hashicorp.com/agent-revoke-on-shutdown": "true",
      "vault.hashicorp.com/agent-service-account-token-volume-name": "vault-agent-token",
      "vault.hashicorp.com/auth-path": "auth/kubernetes",
      "vault.hashicorp.com/role": "shop",
      "vault.hashicorp.com/service": "http://vault.test:8200",
      "vault.hashicorp.com/agent-inject-secret-config": "kv/data/shop",
      "vault.hashicorp.com/agent-inject-template-config":
        '{{- with secret "kv/data/shop" -}}{{- with .Data.data -}}{{ . | toJSON }}{{- end -}}{{- end -}}',
      "vault.hashicorp.com/agent-inject-perms-config": "0440",
      "vault.hashicorp.com/agent-inject-secret-login.env": "db/creds/shop",
      "vault.hashicorp.com/agent-inject-template-login.env":
        '{{- with secret "db/creds/shop" -}}{{- with .Data -}}USER={{ .username }}{{- end -}}{{- end -}}',
      "vault.hashicorp.com/agent-inject-command-login.env": "kill -HUP 1",
    });
  });

  test("verify Vault's certificate by a Secret, and let an agent go that is to write once", async () => {
    const { outputs } = await record(() => {
      const caSecret = new k8s.core.v1.Secret(
        "ca",
        { metadata: { name: "vault-ca" } },
        { provider: new k8s.Provider("cluster", {}) },
      );
      const tls = { caSecret, serverName: "vault.test" };
      return agentAnnotations({ login, vaultAddress, tls, agent: "init", image: "v:1", files: { config } }, "app");
    });
    expect(outputs).toMatchObject({
      "vault.hashicorp.com/tls-secret": "vault-ca",
      "vault.hashicorp.com/ca-cert": "/vault/tls/ca.crt",
      "vault.hashicorp.com/tls-server-name": "vault.test",
      "vault.hashicorp.com/agent-pre-populate-only": "true",
      "vault.hashicorp.com/agent-revoke-on-shutdown": "false",
      "vault.hashicorp.com/agent-image": "v:1",
    });
  });
});

test("the role of an agent is allowed what its files need, each path once", async () => {
  const { outputs } = await record(() => ({
    rules: injectionRules({ a: config, b: config, c: { kind: "dynamic", source: database } }),
  }));
  expect(outputs["rules"]).toEqual([
    { path: "kv/data/shop", capabilities: ["read"] },
    { path: "db/creds/shop", capabilities: ["read"] },
  ]);
});

test("an application with an agent gets its annotations, a token for Vault alone, and the folder of the files", async () => {
  const recording = await record(() => {
    const cluster = { provider: new k8s.Provider("cluster", {}) };
    const metadata = { name: "shop", namespace: "shop" };
    const serviceAccount = new k8s.core.v1.ServiceAccount("account", { metadata }, cluster);
    const injection = { login, vaultAddress, files: { config } };
    new SyncedApp("shop", { serviceAccount, secret: { kind: "agent", injection } }, cluster);
  });
  expect(find(recording, "kubernetes:apps/v1:Deployment", "shop").inputs).toMatchObject({
    spec: {
      template: {
        metadata: { annotations: { "vault.hashicorp.com/role": "shop" } },
        spec: {
          automountServiceAccountToken: false,
          containers: [{ env: [{ name: "SECRET_DIRECTORY", value: "/vault/secrets" }] }],
          volumes: [
            {
              name: "vault-agent-token",
              projected: {
                sources: [{ serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 600 } }],
              },
            },
          ],
        },
      },
    },
  });
});

describe("an injection", () => {
  const faultsOf = (injection: Partial<AgentInjection>) =>
    injectionFaults("secret.injection", { login, vaultAddress, files: { config }, ...injection });

  test("is rejected without a file", () => {
    expect(faultsOf({ files: {} }).map((fault) => fault.split(",")[0])).toEqual([
      "secret.injection.files: must hold at least one",
    ]);
  });

  test("is rejected with every fault of its files at once", () => {
    const files = {
      "My File": config,
      "file-a": config,
      ["a".repeat(42)]: config,
      modes: { ...config, permissions: "0999", text: " " },
    } as const;
    const rule = "must be named by at most 41 lower-case letters, digits, dots and dashes";
    expect(faultsOf({ files }).map((fault) => fault.split(", got")[0])).toEqual([
      `secret.injection.files.My File: ${rule}`,
      "secret.injection.files.file-a: must not be named file-…",
      `secret.injection.files.${"a".repeat(42)}: ${rule}`,
      "secret.injection.files.modes.permissions: must be four octal digits",
      "secret.injection.files.modes.text: must not be empty",
    ]);
  });

  test("is rejected when the lease of a file would be renewed by nobody, or end with the agent's token", () => {
    const files = { login: { kind: "dynamic", source: database } } as const;
    expect(faultsOf({ files, agent: "init" })).toEqual([
      'secret.injection.agent: must be "sidecar" with files.login, whose lease nobody would renew, got "init"; leave it out',
    ]);
    expect(faultsOf({ files, login: { ...login, tokenEnd: "15m" } })).toEqual([
      'secret.injection.login: must be at least the maxTtl of secret.injection.files.login.source, 20m, since its leases end with the token, got "15m"; raise it, or make the token periodic',
    ]);
    expect(faultsOf({ files })).toEqual([]);
  });
});
