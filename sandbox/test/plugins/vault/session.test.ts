import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret, type Property, type PropertyMap } from "../../../plugins/shared/property.ts";
import { tlsProvider } from "../../../plugins/tls/provider.ts";
import { vaultProvider } from "../../../plugins/vault/provider.ts";
import { PluginClient } from "../../support/plugin-client.ts";
import { ScriptedVault, type ScriptedAnswer } from "../../support/scripted-vault.ts";

// Proves how the plugin logs in and repeats, against scripted answers. Does not prove that Vault answers so.

const policyType = "vault:index/policy:Policy";
const login = "PUT auth/approle-pulumi/login";
const write = "PUT sys/policies/acl/web";

let vault: ScriptedVault;
let home: string;
const clients: PluginClient[] = [];

beforeEach(async () => {
  vault = await ScriptedVault.start();
  vault.on(login, { status: 200, body: { auth: { client_token: "hvs.session" } } }).on(write, { status: 204 });
  home = mkdtempSync(join(tmpdir(), "vault-plugin-"));
});

afterEach(() => {
  clients.splice(0).forEach((client) => {
    client.close();
  });
  vault.stop();
  rmSync(home, { recursive: true });
});

async function configured(
  more: Record<string, Property> = {},
  environment: Record<string, string> = {},
): Promise<PluginClient> {
  const client = await PluginClient.serve(vaultProvider({ HOME: home, ...environment }, 1));
  clients.push(client);
  const parameters = { role_id: "role-7", secret_id: "secret-7" };
  const config: PropertyMap = {
    address: `http://127.0.0.1:${vault.port}`,
    authLogin: new Secret(JSON.stringify({ path: "auth/approle-pulumi/login", parameters })),
    skipChildToken: "true",
    maxRetries: "3",
    ...more,
  };
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  expect(await client.checkConfig(given)).toEqual([]);
  await client.configure(given);
  return client;
}

async function writePolicy(client: PluginClient, policy = "p"): Promise<string> {
  return client.create(policyType, { name: "web", policy }).then(
    () => "created",
    (error: unknown) => String(error),
  );
}

describe("the login", () => {
  test("happens once, when it is first needed, for all resources", async () => {
    const client = await configured();
    expect(vault.requests).toEqual([]);
    await Promise.all([writePolicy(client), writePolicy(client), writePolicy(client)]);
    expect(vault.of(login).map(({ body }) => body)).toEqual([{ role_id: "role-7", secret_id: "secret-7" }]);
    expect(vault.of(write).map(({ token }) => token)).toEqual(["hvs.session", "hvs.session", "hvs.session"]);
  });

  test("is tried again by the next resource when it failed", async () => {
    vault.on(
      login,
      { status: 400, body: { errors: ["invalid role or secret ID"] } },
      { status: 200, body: { auth: { client_token: "hvs.session" } } },
    );
    const client = await configured();
    expect(await writePolicy(client)).toContain("PUT auth/approle-pulumi/login: must be accepted by Vault");
    expect(await writePolicy(client)).toBe("created");
  });

  test("wins over tokens of the surroundings", async () => {
    writeFileSync(join(home, ".vault-token"), "from-file");
    const client = await configured({}, { VAULT_TOKEN: "from-environment" });
    await writePolicy(client);
    expect(vault.of(write)[0]?.token).toBe("hvs.session");
  });

  test("makes a child token of a limited life unless told not to", async () => {
    vault.on("PUT auth/token/create", { status: 200, body: { auth: { client_token: "hvs.child" } } });
    const client = await configured({ skipChildToken: "false", maxLeaseTtlSeconds: "60" });
    await writePolicy(client);
    expect(vault.of("PUT auth/token/create")).toMatchObject([
      { token: "hvs.session", body: { ttl: "60s", explicit_max_ttl: "60s", renewable: false } },
    ]);
    expect(vault.of(write)[0]?.token).toBe("hvs.child");
  });
});

describe("without a login", () => {
  test.each([
    ["the setting", { token: new Secret("from-setting") }, { VAULT_TOKEN: "from-environment" }, "from-setting"],
    ["the environment", {}, { VAULT_TOKEN: "from-environment" }, "from-environment"],
    ["the token file", {}, {}, "from-file"],
  ])("takes the token of %s", async (_, settings, environment, expected) => {
    writeFileSync(join(home, ".vault-token"), "from-file\n");
    await writePolicy(await configured({ authLogin: null, ...settings }, environment));
    expect(vault.of(write)[0]?.token).toBe(expected);
  });

  test("says what is missing when there is no token either", async () => {
    expect(await writePolicy(await configured({ authLogin: null }))).toContain(
      "token: must be given when there is no authLogin",
    );
  });
});

describe("repetition", () => {
  test.each<[string, ScriptedAnswer]>([
    ["is sealed", { status: 503, body: { errors: ["Vault is sealed"] } }],
    ["is a standby", { status: 429 }],
    ["fails", { status: 500 }],
    ["cuts the connection", "cut"],
  ])("outlasts a Vault that %s", async (_, refusal) => {
    vault.on(write, refusal, refusal, { status: 204 });
    expect(await writePolicy(await configured())).toBe("created");
    expect(vault.of(write)).toHaveLength(3);
  });

  test("ends after the allowed number, and says to unseal", async () => {
    vault.on(write, { status: 503, body: { errors: ["Vault is sealed"] } });
    expect(await writePolicy(await configured())).toMatch(/got 503 \(Vault is sealed\); unseal Vault, then run again$/);
    expect(vault.of(write)).toHaveLength(4);
  });

  test("does not happen for a refusal, whose text names the likely reasons", async () => {
    vault.on(write, { status: 403, body: { errors: ["permission denied"] } });
    expect(await writePolicy(await configured())).toContain(
      "got 403 (permission denied); check that the login's token has not expired and that its policies allow this path",
    );
    expect(vault.of(write)).toHaveLength(1);
  });

  test("outlasts a key-value engine that is still being set up", async () => {
    const upgrading = { status: 400, body: { errors: ["Upgrading from non-versioned to versioned data."] } };
    vault
      .on("PUT apps/config", upgrading, { status: 204 })
      .on("GET apps/config", { status: 200, body: { data: { max_versions: 5 } } });
    const client = await configured();
    const { outputs } = await client.create("vault:kv/secretBackendV2:SecretBackendV2", {
      mount: "apps",
      maxVersions: 5,
    });
    expect(outputs).toMatchObject({ maxVersions: 5 });
  });
});

describe("a read", () => {
  const objects: [string, string, PropertyMap][] = [
    ["vault:index/mount:Mount", "secret", { path: "secret", type: "kv" }],
    ["vault:index/authBackend:AuthBackend", "kubernetes", { path: "kubernetes", type: "kubernetes" }],
    [policyType, "web", { name: "web", policy: "p" }],
    ["vault:index/audit:Audit", "file", { path: "file", type: "file", options: {} }],
    ["vault:kv/secretV2:SecretV2", "secret/data/web", { mount: "secret", name: "web", dataJson: "{}" }],
    ["vault:kubernetes/authBackendConfig:AuthBackendConfig", "auth/kubernetes/config", { kubernetesHost: "h" }],
    ["vault:kubernetes/authBackendRole:AuthBackendRole", "auth/kubernetes/role/web", { roleName: "web" }],
  ];

  test.each(objects)("of a %s in a sealed Vault fails instead of reporting it gone", async (type, id, inputs) => {
    vault.otherwise = { status: 503, body: { errors: ["Vault is sealed"] } };
    const sealedSince = await configured({ maxRetries: "0" });
    await expect(sealedSince.read(type, id, inputs, inputs)).rejects.toThrow("503 (Vault is sealed)");
    vault.on(login, vault.otherwise);
    const sealedBefore = await configured({ maxRetries: "0" });
    await expect(sealedBefore.read(type, id, inputs, inputs)).rejects.toThrow("503 (Vault is sealed)");
  });
});

describe("secrets", () => {
  test("stay out of errors even when Vault repeats them", async () => {
    vault.on(write, { status: 400, body: { errors: ["bad: secret-7 hvs.session role-7"] } });
    expect(await writePolicy(await configured())).toContain("(bad: [secret] [secret] [secret])");
  });

  test("are not quoted when a secret's data is no JSON", async () => {
    const client = await configured();
    const inputs = { mount: "apps", name: "web", dataJson: new Secret("hunter2") };
    const { faults } = await client.check("vault:kv/secretV2:SecretV2", inputs);
    expect(faults).toEqual([expect.stringContaining("dataJson: must be the JSON text of an object")]);
    expect(faults.join()).not.toContain("hunter2");
  });
});

describe("TLS", () => {
  test("is verified against the given authority and name", async () => {
    const { authority, certificate, key } = await serverCertificate("vault.vault.svc");
    const secure = await ScriptedVault.start({ cert: certificate, key });
    secure.on(login, { status: 200, body: { auth: { client_token: "hvs.session" } } }).on(write, { status: 204 });
    try {
      const caCertFile = join(home, "ca.pem");
      writeFileSync(caCertFile, authority);
      const settings = { address: `https://127.0.0.1:${secure.port}`, maxRetries: "0" };
      expect(await writePolicy(await configured({ ...settings, caCertFile, tlsServerName: "vault.vault.svc" }))).toBe(
        "created",
      );
      expect(await writePolicy(await configured({ ...settings, caCertFile, tlsServerName: "other.svc" }))).toContain(
        "does not match certificate's altnames",
      );
      expect(await writePolicy(await configured({ ...settings, tlsServerName: "vault.vault.svc" }))).toContain(
        "must reach Vault",
      );
    } finally {
      secure.stop();
    }
  });
});

describe("settings", () => {
  test.each([
    [
      "a signed login",
      { authLogin: JSON.stringify({ path: "auth/aws/login", method: "aws" }) },
      "method: must be empty",
    ],
    [
      "a login block not covered",
      { authLoginJwt: "{}" },
      "authLoginJwt: must be a property this stand-in plugin covers",
    ],
    ["a namespace", { namespace: "team" }, "namespace: must be a property"],
    ["a wrong type", { maxRetries: '"many"' }, "maxRetries: must be an integer"],
  ])("reject %s", async (_, config, fault) => {
    const client = await PluginClient.serve(vaultProvider({}, 1));
    clients.push(client);
    const faults = await client.checkConfig({ address: "http://127.0.0.1:1", ...config });
    expect(faults).toEqual([expect.stringContaining(fault)]);
  });

  test("reject a missing address", async () => {
    const client = await PluginClient.serve(vaultProvider({}, 1));
    clients.push(client);
    expect(await client.checkConfig({})).toEqual(["address: must be given, got nothing; set it to the URL of Vault"]);
  });
});

async function serverCertificate(name: string): Promise<{ authority: string; certificate: string; key: string }> {
  const client = await PluginClient.serve(tlsProvider(() => new Date()));
  clients.push(client);
  await client.configure({});
  const keyOutputs = await client.create("tls:index/privateKey:PrivateKey", { algorithm: "ED25519" });
  const key = keyOutputs.outputs["privateKeyPem"];
  if (!(key instanceof Secret) || typeof key.value !== "string") throw new Error("the key is no secret text");
  const { outputs } = await client.create("tls:index/selfSignedCert:SelfSignedCert", {
    privateKeyPem: key,
    subject: { commonName: "ca" },
    dnsNames: [name],
    isCaCertificate: true,
    allowedUses: ["cert_signing", "digital_signature", "server_auth"],
    validityPeriodHours: 1,
  });
  const certificate = outputs["certPem"];
  if (typeof certificate !== "string") throw new Error("the certificate is no text");
  return { authority: certificate, certificate, key: key.value };
}
