import { generateKey, reformatKey, revokeKey, type PrivateKey } from "openpgp";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeUrl } from "../../../shared/node-url.ts";
import { parseSettings } from "../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../support/example-settings.ts";

/**
 * Real values are taken and broken ones refused, each under the name of its setting. That clouds and clusters agree is
 * not shown.
 */

function faultsOf(changes: Record<string, unknown>, stack: "dev" | "ha" = "dev"): readonly string[] {
  const texts = Object.entries(changes).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return parseSettings(exampleSettings(Object.fromEntries(texts) as Record<string, string>, stack)).faults;
}

const address = { kind: "address", host: "db", username: "admin" };
const aws = {
  kind: "awskms",
  region: "eu-central-1",
  keyId: "alias/vault",
  credentials: { kind: "workloadIdentity", roleArn: "arn:aws-cn:iam::123456789012:role/a" },
};
const gcp = {
  kind: "gcpckms",
  project: "my-project",
  region: "global",
  keyRing: "a",
  cryptoKey: "b",
  credentials: { kind: "workloadIdentity", serviceAccount: "123-compute@developer.gserviceaccount.com" },
};
const guid = "01234567-89ab-cdef-0123-456789abcdef";
const azure = {
  kind: "azurekeyvault",
  tenantId: guid,
  vaultName: "abc",
  keyName: "a",
  credentials: { kind: "workloadIdentity", clientId: guid },
};
const directory = {
  kind: "directory",
  servers: ["ldap.example.com"],
  transport: { kind: "ldaps", trust: { kind: "system" } },
  userSearch: { kind: "anonymous", baseDn: "dc=example" },
  groupSearch: { kind: "search", baseDn: "dc=example" },
  groups: {},
};
const issuerOf = (issuer: object) => ({ kind: "issuer", issuer, roles: {} });
const consumer = (serviceAccount: string) => ({ shop: { namespace: "shop", serviceAccount, secrets: ["a"] } });
const key = `arn:aws:kms:eu-central-1:123456789012:key/${guid}`;

const rules: [string, (value: string) => Record<string, unknown>, string[], string[]][] = [
  [
    "nodeAddress",
    (nodeAddress) => ({ nodeAddress }),
    ["127.0.0.1", "fd00::10", "Node.example.com"],
    ["[fd00::10]", "a:1", "1.2.3", "a..b", ""],
  ],
  [
    "postgres.host",
    (host) => ({ postgres: { ...address, host }, postgresPassword: "x" }),
    ["db.example.com", "fd00::5"],
    ["db:5432", "[fd00::5]", "-db", "http://db"],
  ],
  [
    "postgres.username",
    (username) => ({ postgres: { ...address, username }, postgresPassword: "x" }),
    ["admin@server", "ä".repeat(31)],
    ["a b", "a'b", "ä".repeat(32), ""],
  ],
  ["storageClass", (storageClass) => ({ storageClass }), ["", "gp3", "csi.example.com"], ["-", "a..b", "A", "a_b"]],
  [
    "kubeContext",
    (kubeContext) => ({ kubeContext }),
    ["", "my cluster", "arn:aws:eks:x:1:cluster/y"],
    [" a", "a ", "a\nb"],
  ],
  [
    "access.url",
    (url) => ({ access: { kind: "address", url } }),
    ["http://10.0.0.1:8200", "https://[fd00::1]:8200"],
    ["https://a/", "https://a?b", "https://u:p@a", "https://:p@a", "https://a:99999", " https://a"],
  ],
  [
    "seal.region",
    (region) => ({ seal: { ...aws, region } }),
    [
      "us-gov-west-1",
      "us-iso-east-1",
      "us-isob-east-1",
      "cn-north-1",
      "ap-southeast-7",
      "mx-central-1",
      "eusc-de-east-1",
    ],
    ["Frankfurt", "eu-central", "eu-central-1a", "eu_central_1", ""],
  ],
  [
    "seal.keyId",
    (keyId) => ({ seal: { ...aws, keyId } }),
    [guid, `mrk-${"0".repeat(32)}`, "alias/a/b_c-d", key, key.replace("aws", "aws-us-gov")],
    ["vault", "alias/", "a/b", key.replace("key/", ""), key.replace("eu-central-1", "eu-west-1"), ""],
  ],
  [
    "seal.region",
    (region) => ({ seal: { ...gcp, region } }),
    [
      "europe-west10",
      "europe-west12",
      "global",
      "us",
      "eur4",
      "nam6",
      "nam-eur-asia1",
      "us-central1",
      "northamerica-northeast2",
    ],
    ["EU", "europe-west", "europe-west3-a", ""],
  ],
  [
    "seal.project",
    (project) => ({ seal: { ...gcp, project } }),
    ["my-project", "example.com:my-project"],
    ["P", "my_project", "my-project-"],
  ],
  [
    "seal.vaultName",
    (vaultName) => ({ seal: { ...azure, vaultName } }),
    ["abc", "a-b", "a".repeat(24)],
    ["ab", "1ab", "a--b", "ab-", "a".repeat(25)],
  ],
  [
    "seal.address",
    (at) => ({ seal: { kind: "transit", address: at, key: "a" }, sealCredentials: { VAULT_TOKEN: "x" } }),
    ["https://[fd00::1]:8200", "https://a/b"],
    ["https://a/", "https://:p@a", "vault", "https://a b", "http://vault.other.svc:8200", "HTTP://127.0.0.1:8200"],
  ],
  [
    "seal.transport.kind",
    (kind) => ({
      seal: { kind: "transit", address: "https://a", transport: { kind }, key: "a" },
      sealCredentials: { VAULT_TOKEN: "x" },
    }),
    ["tls"],
    ["plaintext", "none", ""],
  ],
  [
    "seal.serverName",
    (serverName) => ({
      seal: { kind: "transit", address: "https://a", key: "a", serverName },
      sealCredentials: { VAULT_TOKEN: "x" },
    }),
    ["a.b", "10.0.0.1"],
    ["https://a", "a:1", ""],
  ],
  [
    "consumers.shop.serviceAccount",
    (account) => ({ consumers: consumer(account) }),
    ["default", "shop.api", "a".repeat(253)],
    ["*", "A", "a_b", "a..b", "a".repeat(254), ""],
  ],
  [
    "agents.a.issuer.serviceAccount",
    (serviceAccount) => ({ agents: { a: { issuer: { namespace: "n", serviceAccount } } } }),
    ["starter.ci"],
    ["*", ""],
  ],
  [
    "secretsOperatorChart.version",
    (version) => ({ secretsOperatorChart: { kind: "repository", url: "https://h", version } }),
    ["0.10.0", "v1.2.3", "1.2.3-rc.1+up0.1"],
    ["1.0", "01.2.3", "^1.0.0", "1.2.3-"],
  ],
  ["refreshAfter", (refreshAfter) => ({ refreshAfter }), ["30s", "106751d"], ["106752d", "999999999d"]],
  [
    "ldap.servers[0]",
    (server) => ({ ldap: { ...directory, servers: [server] } }),
    ["LDAP.example.com", "[fd00::1]:636", "10.0.0.1:389"],
    ["fd00::1", "a..b", "a:0", "a/", "[::::]:1"],
  ],
  [
    "ldap.userSearch.baseDn",
    (baseDn) => ({ ldap: { ...directory, userSearch: { kind: "anonymous", baseDn } } }),
    [
      "dc=example",
      "cn=a=b,dc=c",
      "cn=a+uid=b,dc=c",
      "2.5.4.3=a",
      "cn=Smith\\, Ada, dc=c",
      "cn=\\2ca\\2B",
      "cn=#04024869",
    ],
    ["", "example", "dc=", "dc=a,", "dc=a,,dc=b", "=a", "cn=a\\", "cn=a<b"],
  ],
  [
    "jwt.issuer.url",
    (url) => ({ jwt: issuerOf({ kind: "discovery", url }) }),
    ["https://ci.example.com/team", "https://[fd00::1]:8443"],
    ["http://a", "https://a?b", "https://a#b", "https://a/.well-known/openid-configuration"],
  ],
  [
    "jwt.issuer.url",
    (url) => ({ jwt: issuerOf({ kind: "jwks", issuer: "a", url }) }),
    ["https://login.example.com/keys?p=policy"],
    ["https://u:p@a/keys"],
  ],
  [
    "passthrough.gateway.namespace",
    (namespace) => ({
      vaultHosts: ["vault.example.com"],
      passthrough: {
        kind: "gateway",
        host: "vault.example.com",
        gateway: { kind: "existing", namespace, name: "a.b" },
      },
    }),
    ["edge"],
    ["a.b", "A"],
  ],
  [
    "certificate.secretName",
    (secretName) => ({ certificate: { kind: "existing", secretName } }),
    ["tls", "vault.tls"],
    ["a..b", "-a", ""],
  ],
];

describe.each(rules)("%s", (name, settingOf, good, bad) => {
  const stack = name.startsWith("passthrough") ? "ha" : "dev";

  test.each(good)("may be %j", (value) => {
    expect(faultsOf(settingOf(value), stack)).toEqual([]);
  });

  test.each(bad)("may not be %j", (value) => {
    const faults = faultsOf(settingOf(value), stack);
    expect(faults.filter((text) => text.startsWith(`vaultstack:${name}: must `))).toHaveLength(1);
    expect(faults).toHaveLength(1);
  });
});

test.each([
  "Vault.Example.com",
  "vault",
  "a_b.c",
  "*.example.com",
  "vault.example.com:8200",
  "https://vault.example.com",
])("the host %s is refused before anything is made, by the name of its setting", (host) => {
  const faults = faultsOf({ vaultHosts: [host] }, "ha");
  expect(faults.some((text) => text.startsWith("vaultstack:vaultHosts[0]: must be a host name"))).toBe(true);
});

test("a host in upper case is told how to write it", () => {
  expect(faultsOf({ vaultHosts: ["Vault.Example.com"] }, "ha")[0]).toContain("write it as vault.example.com");
});

test("hosts may be of any domain, and addresses", () => {
  const vaultHosts = ["vault.xn--p1ai", "10.0.0.7", "fd00::7"];
  expect(faultsOf({ vaultHosts, passthrough: { kind: "none" } }, "ha")).toEqual([]);
});

test("an address of a Vault with TLS begins with https", () => {
  const access = { kind: "address", url: "http://vault.example.com:8200" };
  expect(faultsOf({ access }, "ha").map((text) => text.split(", got")[0])).toEqual([
    "vaultstack:access.url: must be https://, because Vault speaks TLS",
  ]);
  expect(faultsOf({ access }, "dev")).toEqual([]);
});

test.each([
  ["fd00::10", "http://[fd00::10]:30004"],
  ["10.0.0.1", "http://10.0.0.1:30004"],
])("a node at %s has the URL %s", (nodeAddress, url) => {
  expect(nodeUrl(nodeAddress, "http", 30_004)).toBe(url);
});

describe("keys of a secret that an operator delivers", () => {
  const seeds = (name: string) => ({ "webapp/config": { [name]: "hunter2" } });

  test.each(["username", ".env", "tls.crt"])("may be %j", (name) => {
    expect(faultsOf({ kvSeeds: seeds(name) })).toEqual([]);
  });

  test.each(["db/password", "a b", "", "..", "ä", "_raw", "a".repeat(254)])("may not be %j", (name) => {
    const faults = faultsOf({ kvSeeds: seeds(name) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(
      `vaultstack:kvSeeds.webapp/config.${name}: must be a key that a Kubernetes Secret can have`,
    );
    expect(faults[0]).not.toContain("hunter2");
  });

  test("may be any without an operator, and of other secrets", () => {
    expect(faultsOf({ kvSeeds: seeds("db/password"), secretsOperator: "none" })).toEqual([]);
    expect(faultsOf({ kvSeeds: { other: { "db/password": "x" } } })).toEqual([]);
  });
});

test("the password of a Postgres that runs already is what it is", () => {
  expect(faultsOf({ postgres: address, postgresPassword: "correct horse's \\battery" })).toEqual([]);
});

describe("people who hold shares", () => {
  const encode = (exported: { write(): unknown }) => Buffer.from(exported.write() as Uint8Array).toString("base64");
  const make = async (name: string, more: object = {}): Promise<PrivateKey> => {
    const { privateKey } = await generateKey({ type: "ecc", userIDs: [{ name }], format: "object", ...more });
    return privateKey;
  };
  let alice: PrivateKey;
  let bob: PrivateKey;
  let renamed: PrivateKey;
  beforeAll(async () => {
    [alice, bob] = await Promise.all([make("alice"), make("bob")]);
    const again = await reformatKey({ privateKey: alice, userIDs: [{ name: "alice at work" }], format: "object" });
    renamed = again.privateKey;
  });

  function custodyFaultsOf(holders: string[], more: Record<string, unknown> = {}): string[] {
    const shares = { secretShares: "3", secretThreshold: "2" };
    return faultsOf({ ...shares, custody: { kind: "pgp", holders }, ...more }).map(
      (text) => text.split(", got")[0] ?? "",
    );
  }

  test("are taken when each has a key", () => {
    expect(custodyFaultsOf([encode(alice.toPublic()), encode(bob.toPublic())])).toEqual([]);
  });

  test("count once under another name", () => {
    expect(encode(renamed.toPublic())).not.toBe(encode(alice.toPublic()));
    expect(custodyFaultsOf([encode(alice.toPublic()), encode(renamed.toPublic())])).toEqual([
      "vaultstack:custody.holders.1: must be another person's key",
    ]);
  });

  test("are not the stack itself under another name", () => {
    const more = { escrowPublicKey: encode(alice.toPublic()) };
    expect(custodyFaultsOf([encode(renamed.toPublic()), encode(bob.toPublic())], more)).toEqual([
      "vaultstack:custody.holders.0: must be a person's key",
    ]);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      "expired",
      async () => encode((await make("old", { date: new Date(Date.now() - 9e6), keyExpirationTime: 60 })).toPublic()),
      /must not be expired/,
    ],
    ["revoked", async () => encode((await revokeKey({ key: bob, format: "object" })).publicKey), /must not be revoked/],
    [
      "without a subkey that encrypts",
      async () => encode((await make("signer", { subkeys: [{ sign: true }] })).toPublic()),
      /must be able to encrypt/,
    ],
    [
      "two in one export",
      async () =>
        Buffer.concat([bob, await make("eve")].map((one) => Buffer.from(encode(one.toPublic()), "base64"))).toString(
          "base64",
        ),
      /must be the key of one person/,
    ],
    [
      "of version 6",
      async () => encode((await make("new", { type: "curve25519", config: { v6Keys: true } })).toPublic()),
      /must be a key of version 4/,
    ],
    ["cut off", () => Promise.resolve(encode(bob.toPublic()).slice(0, 40)), /must be a PGP public key/],
  ])("are refused with a key that is %s", async (_what, key, rule) => {
    const faults = custodyFaultsOf([encode(alice.toPublic()), await key()]);
    expect(faults).toEqual([expect.stringMatching(rule)]);
    expect(faults[0]).toMatch(/^vaultstack:custody\.holders\.1: /);
  });
});
