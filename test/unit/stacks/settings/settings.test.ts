import { describe, expect, test } from "vitest";
import { formerSettings } from "../../../../stacks/settings/settings.ts";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";

const faultsOf = (changes: Record<string, string | undefined>) => parseSettings(exampleSettings(changes)).faults;

/** The part of each fault before the value. */
const rulesOf = (changes: Record<string, string | undefined>) =>
  faultsOf(changes).map((text) => text.split(", got")[0]);

describe("settings that parse", () => {
  test("are the defaults, with the dev stack's own values and a pair of keys", () => {
    expect(faultsOf({})).toEqual([]);
  });

  test("are their defaults where the engine hands none over", () => {
    const { settings } = parseSettings(exampleSettings({ server: undefined, secretShares: undefined }));
    expect(settings).toMatchObject({ server: "standalone", secretShares: 1 });
  });

  test("have their own types", () => {
    const { settings: parsed } = parseSettings(exampleSettings({ secretShares: "5", secretThreshold: "3" }));
    expect(parsed).toMatchObject({
      nodePort: 30_004,
      demo: { kind: "sample", webAppNodePort: 30_005, webAppNamespace: "webapp" },
      secretShares: 5,
      secretThreshold: 3,
      allowReinitialize: false,
      access: { kind: "tunnel" },
      kvSeeds: { "webapp/config": { username: "static-user", password: "static-password" } },
    });
  });

  test.each([
    { access: '{"kind":"tunnel","port":18200}' },
    { access: '{"kind":"address","url":"https://vault.example.com:8200"}' },
    { server: "in-memory", escrowPublicKey: "", escrowPrivateKey: "" },
    { vaultImage: `registry.example.com:5000/vault@sha256:${"0".repeat(64)}` },
    { nodePort: "0", demo: '{"webAppNodePort":0}' },
    { demo: '{"kind":"none"}' },
    { kvSeeds: "{}" },
    { "pulumi:disable-default-providers": '["*"]' },
    { "kubernetes:context": "another project's business" },
    { secretsOperator: "existing" },
    { secretsOperator: "none", secretsOperatorNamespace: "vault" },
    { secretsOperatorChart: '{"kind":"path","path":"/charts/operator"}' },
    { refreshAfter: "1d" },
  ])("may be %j", (changes) => {
    expect(faultsOf(changes)).toEqual([]);
  });
});

describe("settings with a fault", () => {
  test.each(["0", "-1", "256", "1.5", "NaN", "three", "", "1e2", " 1"])("reject %j shares", (secretShares) => {
    expect(rulesOf({ secretShares })).toContain("vaultstack:secretShares: must be a whole number from 1 to 255");
  });

  test("reject a threshold above the shares", () => {
    expect(faultsOf({ secretShares: "3", secretThreshold: "4" })).toEqual([
      "vaultstack:secretThreshold: must be at most secretShares, which is 3, got 4; lower it or raise secretShares",
    ]);
  });

  test("reject a threshold of one with several shares, as Vault would", () => {
    expect(faultsOf({ secretShares: "3", secretThreshold: "1" })).toEqual([
      "vaultstack:secretThreshold: must be at least 2 with 3 shares, got 1; raise it or set secretShares to 1",
    ]);
  });

  test.each(["Vault", "a_b", "-a", "a-", "", "a".repeat(64), "default", "kube-system"])(
    "reject the namespace %j",
    (namespace) => {
      expect(rulesOf({ namespace })).toEqual([
        "vaultstack:namespace: must be a namespace of its own: at most 63 lower-case letters, digits and inner dashes",
      ]);
    },
  );

  test.each(["10", "10G", "-1Gi", "0Gi", "1.5Gi"])("reject the storage size %j", (storageSize) => {
    expect(rulesOf({ storageSize })).toEqual([
      "vaultstack:storageSize: must be a positive whole number and a binary unit",
    ]);
  });

  test.each(["vault", "hashicorp/vault:latest", "hashicorp/vault", "a b:1", ""])(
    "reject the image %j",
    (vaultImage) => {
      expect(rulesOf({ vaultImage })).toEqual([
        "vaultstack:vaultImage: must be an image with a tag other than latest, or a digest",
      ]);
    },
  );

  test.each(["80", "29999", "32768", "-1", "x"])("reject the node port %j", (nodePort) => {
    expect(rulesOf({ nodePort })).toEqual(["vaultstack:nodePort: must be 0 or a node port from 30000 to 32767"]);
  });

  test("reject one node port for two services", () => {
    expect(rulesOf({ nodePort: "30005" })).toEqual(["vaultstack:demo.webAppNodePort: must differ from nodePort"]);
  });

  test.each([
    ['{"kind":"proxy"}', 'vaultstack:access.kind: must be {kind: "tunnel"} or {kind: "address"}'],
    ['{"kind":"tunnel","port":80}', "vaultstack:access.port: must be a port from 1024 to 65535"],
    ['{"kind":"tunnel","url":"http://a"}', "vaultstack:access: must hold no other parts"],
    ['{"kind":"address"}', "vaultstack:access.url: must be http:// or https:// with a host and at most a port"],
    [
      '{"kind":"address","url":"http://u:p@h"}',
      "vaultstack:access.url: must be http:// or https:// with a host and at most a port",
    ],
    [
      '{"kind":"address","url":"http://h/path"}',
      "vaultstack:access.url: must be http:// or https:// with a host and at most a port",
    ],
    ["tunnel", "vaultstack:access: must be an object"],
  ])("reject the access %s", (access, rule) => {
    expect(rulesOf({ access })).toEqual([rule]);
  });

  test.each([
    ['{"kind":"oci"}', 'secretsOperatorChart.kind: must be {kind: "repository"} or {kind: "path"}'],
    ['{"kind":"path","path":"chart"}', "secretsOperatorChart.path: must be the absolute path of a chart"],
    [
      '{"kind":"repository","url":"http://h","version":"1.0.0"}',
      "secretsOperatorChart.url: must be the https:// URL of a chart repository",
    ],
    ['{"kind":"repository","url":"https://h","version":"^1.0"}', "secretsOperatorChart.version: must be one version"],
  ])("reject the operator's chart %s", (secretsOperatorChart, rule) => {
    expect(rulesOf({ secretsOperatorChart })).toEqual([`vaultstack:${rule}`]);
  });

  test.each(["30", "-1s", "1w", ""])("reject reading a secret every %j", (refreshAfter) => {
    expect(rulesOf({ refreshAfter })).toEqual(["vaultstack:refreshAfter: must be a positive whole number and a unit"]);
  });

  test("reject an operator in the namespace of something else", () => {
    expect(rulesOf({ secretsOperatorNamespace: "vault" })).toEqual([
      "vaultstack:secretsOperatorNamespace: must differ from namespace",
    ]);
  });

  test("name the command that makes the escrow keys, when there are none", () => {
    expect(faultsOf({ escrowPublicKey: "", escrowPrivateKey: "" })).toEqual([
      "vaultstack:escrowPublicKey: must hold the key that the shares are encrypted to, got nothing; run `npm run escrow -- dev`",
      "vaultstack:escrowPrivateKey: must hold the key that the shares are encrypted to, got nothing; run `npm run escrow -- dev`",
    ]);
  });

  test.each([
    ["not base64!", "vaultstack:escrowPublicKey: must be an OpenPGP public key in base64, without line breaks"],
    ["AAAA", "vaultstack:escrowPublicKey: must begin with an OpenPGP public key packet"],
  ])("reject the public key %j", (escrowPublicKey, rule) => {
    expect(rulesOf({ escrowPublicKey })).toEqual([rule]);
  });

  test.each(["escrowPrivateKey", "kvSeeds"])("reject %s stored in the clear, without showing it", (name) => {
    const raw = { ...exampleSettings(), secretNames: new Set<string>() };
    const faults = parseSettings(raw).faults.filter((text) => text.includes(name));
    expect(faults).toEqual([
      `vaultstack:${name}: must be stored encrypted, got a value that is not shown; ` +
        `set it with \`pulumi config set --stack dev --secret vaultstack:${name}\``,
    ]);
  });

  test("never show a secret value, whatever is wrong with it", () => {
    const faults = faultsOf({
      escrowPrivateKey: "hunter2",
      kvSeeds: '{"app/*":{"password":"hunter2"},"app":{"pin":1234567},"other":"hunter2"}',
    });
    expect(faults).toHaveLength(4);
    expect(faults.join("\n")).not.toMatch(/hunter2|1234567/);
  });

  test("reject a setting that does not exist and name the one that was meant", () => {
    expect(faultsOf({ nodeport: "30004" })).toEqual([
      "vaultstack:nodeport: must be a setting of docs/settings.md, got a value that is not shown; " +
        "did you mean nodePort? remove it with `pulumi config rm vaultstack:nodeport`",
    ]);
  });

  test("reject a setting that is like no other without a guess", () => {
    expect(faultsOf({ replicationFactor: "3" })[0]).not.toContain("did you mean");
  });

  test.each(Object.entries(formerSettings))("reject %s, which went, with what says it now: %s", (name, now) => {
    expect(faultsOf({ [name]: "x" })).toEqual([
      `vaultstack:${name}: must be given as ${now}, got a value that is not shown; ` +
        `set that and remove it with \`pulumi config rm vaultstack:${name}\``,
    ]);
  });

  test("reject the former name of the server in memory with those that there are", () => {
    expect(faultsOf({ server: "dev" })).toEqual([
      'vaultstack:server: must be standalone or in-memory or raft, got "dev"; raft is a cluster of servers, in-memory a throw-away one',
    ]);
  });

  test.each(["{}", "yes", "1"])("reject %s for a consent", (adoptExisting) => {
    expect(rulesOf({ adoptExisting })).toEqual(["vaultstack:adoptExisting: must be true or false"]);
  });

  test.each([undefined, "[]", '["vault"]'])("reject %s as the list of providers without a default", (value) => {
    expect(rulesOf({ "pulumi:disable-default-providers": value })).toEqual([
      "pulumi:disable-default-providers: must list kubernetes, vault, postgresql",
    ]);
  });

  test("reject one namespace for two parts of the stack", () => {
    expect(rulesOf({ namespace: "same", demo: '{"webAppNamespace":"same"}' })).toEqual([
      "vaultstack:demo.webAppNamespace: must differ from namespace",
    ]);
  });

  test("reject a password that a shell or SQL would read as something else, without showing it", () => {
    const faults = faultsOf({ postgresPassword: "it's-a-secret" });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^vaultstack:postgresPassword: must be 8 to 200 printable/);
    expect(faults[0]).not.toContain("it's");
  });

  test("reject a Postgres that runs already without the password of its login", () => {
    const postgres = JSON.stringify({ kind: "address", host: "db.example.com", username: "admin" });
    expect(rulesOf({ postgres })).toEqual(["vaultstack:postgresPassword: must hold the password of postgres.username"]);
    expect(rulesOf({ postgres, postgresPassword: "an-admin-password" })).toEqual([]);
  });

  test("reject every part of a Postgres that cannot be, at once", () => {
    const postgres = JSON.stringify({ kind: "server", storageSize: "1G", access: { kind: "tunnel", port: 80 } });
    expect(rulesOf({ postgres })).toEqual([
      "vaultstack:postgres.storageSize: must be a positive whole number and a binary unit",
      "vaultstack:postgres.access.port: must be a port from 1024 to 65535",
    ]);
    const elsewhere = { kind: "address", host: "http://db", username: "a'b", caCertificate: "none" };
    expect(rulesOf({ postgres: JSON.stringify(elsewhere), postgresPassword: "an-admin-password" })).toEqual([
      "vaultstack:postgres.host: must be a host name or address",
      "vaultstack:postgres.username: must be the name of a login",
      "vaultstack:postgres.caCertificate: must be certificates in PEM",
    ]);
  });

  test("reject one port for two tunnels", () => {
    const tunnel = { kind: "tunnel", port: 20_000 };
    const settings = { access: JSON.stringify(tunnel), postgres: JSON.stringify({ kind: "server", access: tunnel }) };
    expect(rulesOf(settings)).toEqual(["vaultstack:postgres.access.port: must differ from access.port"]);
  });

  test("reject seeds in a run that adopts, because an adopted secret has a value already", () => {
    expect(rulesOf({ adoptExisting: "true" })).toEqual(["vaultstack:kvSeeds: must be empty with adoptExisting"]);
  });

  test("are all reported at once", () => {
    const faults = faultsOf({ namespace: "A", storageSize: "1", nodePort: "1", secretThreshold: "2", typo: "x" });
    expect(faults).toHaveLength(5);
  });
});
