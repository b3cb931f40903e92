import { describe, expect, test } from "vitest";
import {
  renderSeal,
  sealFiles,
  sealingFaults,
  sealPodParts,
  type Sealing,
} from "../../../../../components/vault/seal/seal-config.ts";
import { sealFaults, type Seal, type SealSecret } from "../../../../../components/vault/seal/seal.ts";

// Proves what is rendered and what is refused; not that a cloud accepts it. Of the seals only transit runs in a live
// test.

const secret: SealSecret = { kind: "secret", secretName: "vault-seal" };
const certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

const transit: Seal = {
  kind: "transit",
  address: "https://other.example.com:8200",
  key: "autounseal",
  caCertificate: certificate,
  serverName: "other.internal",
  credentials: secret,
};
const aws: Seal = {
  kind: "awskms",
  region: "eu-central-1",
  keyId: "alias/vault",
  credentials: { kind: "workloadIdentity", roleArn: "arn:aws:iam::123456789012:role/vault" },
};
const gcp: Seal = {
  kind: "gcpckms",
  project: "my-project",
  region: "europe-west3",
  keyRing: "vault",
  cryptoKey: "unseal",
  credentials: { kind: "workloadIdentity", serviceAccount: "vault@my-project.iam.gserviceaccount.com" },
};
const azure: Seal = {
  kind: "azurekeyvault",
  tenantId: "01234567-89ab-cdef-0123-456789abcdef",
  vaultName: "my-keys",
  keyName: "unseal",
  credentials: { kind: "workloadIdentity", clientId: "01234567-89ab-cdef-0123-456789abcdef" },
};

function alone(seal: Seal): Sealing {
  return { seal, previousSeal: null };
}

describe("the stanza of a seal", () => {
  test.each<[string, Seal, string[]]>([
    ["the shamir seal, which is Vault's default", { kind: "shamir" }, []],
    [
      "a transit seal",
      transit,
      [
        'seal "transit" {',
        '  address = "https://other.example.com:8200"',
        '  mount_path = "transit"',
        '  key_name = "autounseal"',
        '  tls_ca_cert = "/vault/config/seal-ca.pem"',
        '  tls_server_name = "other.internal"',
        "}",
      ],
    ],
    ["awskms", aws, ['seal "awskms" {', '  region = "eu-central-1"', '  kms_key_id = "alias/vault"', "}"]],
    [
      "gcpckms",
      gcp,
      [
        'seal "gcpckms" {',
        '  project = "my-project"',
        '  region = "europe-west3"',
        '  key_ring = "vault"',
        '  crypto_key = "unseal"',
        "}",
      ],
    ],
    [
      "azurekeyvault",
      azure,
      [
        'seal "azurekeyvault" {',
        '  tenant_id = "01234567-89ab-cdef-0123-456789abcdef"',
        '  vault_name = "my-keys"',
        '  key_name = "unseal"',
        "}",
      ],
    ],
  ])("of %s holds no credentials", (_what, seal, lines) => {
    expect(renderSeal(alone(seal), "/vault/config")).toEqual(lines);
  });

  test("that the root key is moved away from is there and disabled, with its credentials", () => {
    const sealing: Sealing = { seal: { kind: "shamir" }, previousSeal: transit };
    expect(renderSeal(sealing, "/vault/config").slice(-2)).toEqual(["  disabled = true", "}"]);
    expect(sealPodParts(sealing).env).toHaveLength(1);
    expect(sealFiles(sealing)).toEqual({ "seal-ca.pem": certificate });
  });

  test("that the root key is moved to is the only one", () => {
    const sealing: Sealing = { seal: transit, previousSeal: { kind: "shamir" } };
    expect(renderSeal(sealing, "/vault/config")).toEqual(renderSeal(alone(transit), "/vault/config"));
  });

  test("comes with the certificate it names", () => {
    expect(sealFiles(alone(transit))).toEqual({ "seal-ca.pem": certificate });
    expect(sealFiles(alone(aws))).toEqual({});
  });
});

describe("the credentials of a seal", () => {
  test.each<[Seal, string[]]>([
    [transit, ["VAULT_TOKEN"]],
    [{ ...aws, credentials: secret }, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]],
    [{ ...azure, credentials: secret }, ["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]],
  ])("reach the pods as references to a Secret: $kind", (seal, names) => {
    expect(sealPodParts(alone(seal)).env).toEqual(
      names.map((name) => ({ name, valueFrom: { secretKeyRef: { name: "vault-seal", key: name } } })),
    );
  });

  test("of Google are a file of that Secret", () => {
    const parts = sealPodParts(alone({ ...gcp, credentials: secret }));
    expect(parts.env).toEqual([{ name: "GOOGLE_APPLICATION_CREDENTIALS", value: "/vault/seal/credentials.json" }]);
    expect(parts.volumes).toEqual([{ name: "seal", secret: { secretName: "vault-seal" } }]);
    expect(parts.mounts).toEqual([{ name: "seal", mountPath: "/vault/seal", readOnly: true }]);
  });

  test.each<[Seal, object]>([
    [aws, { accountAnnotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/vault" } }],
    [gcp, { accountAnnotations: { "iam.gke.io/gcp-service-account": "vault@my-project.iam.gserviceaccount.com" } }],
    [
      azure,
      {
        labels: { "azure.workload.identity/use": "true" },
        accountAnnotations: { "azure.workload.identity/client-id": "01234567-89ab-cdef-0123-456789abcdef" },
      },
    ],
  ])("are none with an identity of the cloud: $kind", (seal, parts) => {
    expect(sealPodParts(alone(seal))).toMatchObject({ env: [], volumes: [], ...parts });
  });
});

describe("the arguments of a seal", () => {
  test.each([{ kind: "shamir" } as const, transit, aws, gcp, azure])("are accepted: $kind", (seal) => {
    expect(sealFaults(seal)).toEqual([]);
  });

  test("are accepted with an address without TLS where that is agreed to", () => {
    const plain = { ...transit, address: "http://transit.other.svc:8200" };
    expect(sealFaults({ ...plain, transport: { kind: "plaintext" } })).toEqual([]);
    for (const transport of [undefined, { kind: "tls" } as const]) {
      expect(sealFaults({ ...plain, ...(transport && { transport }) })).toEqual([
        'address: must be https://, because the token that opens Vault is sent there, got "http://transit.other.svc:8200"; ' +
          "give the other Vault TLS, or agree to have it read on the network: transport: {kind: plaintext}",
      ]);
    }
    expect(sealFaults({ ...transit, transport: { kind: "plaintext" } })).toEqual([
      'transport.kind: must be tls for an address with https://, got "plaintext"; leave it out',
    ]);
  });

  test.each<[Seal, string[]]>([
    [
      {
        kind: "transit",
        address: "https://user:hunter2@other/",
        mount: "/transit/",
        key: "a/b",
        caCertificate: "hunter2",
        credentials: { kind: "secret", secretName: "Seal" },
      },
      [
        "address: must be the address of a service",
        "mount: must be a mount path",
        "key: must be the name of a key",
        "caCertificate: must be a PEM certificate",
        "credentials.secretName: must be the name of a Secret",
      ],
    ],
    [
      {
        kind: "awskms",
        region: "Frankfurt",
        keyId: "",
        endpoint: "http://kms",
        credentials: { kind: "workloadIdentity", roleArn: "vault" },
      },
      [
        "region: must be a region",
        "keyId: must be the id, alias or ARN of a key",
        "endpoint: must be the address of a service",
        "credentials.roleArn: must be the ARN of a role",
      ],
    ],
    [
      {
        kind: "gcpckms",
        project: "P",
        region: "EU",
        keyRing: "a/b",
        cryptoKey: "",
        credentials: { kind: "workloadIdentity", serviceAccount: "vault" },
      },
      [
        "project: must be the id of a project",
        "region: must be a location",
        "keyRing: must be the name of a key ring",
        "cryptoKey: must be the name of a key",
        "credentials.serviceAccount: must be the address of a service account",
      ],
    ],
    [
      {
        kind: "azurekeyvault",
        tenantId: "mine",
        vaultName: "-",
        keyName: "a/1",
        credentials: { kind: "workloadIdentity", clientId: "mine" },
      },
      [
        "tenantId: must be the id of a tenant",
        "vaultName: must be a key vault",
        "keyName: must be the name of a key",
        "credentials.clientId: must be the id of an application",
      ],
    ],
  ])("are refused with all their faults at once, and nothing secret: $kind", (seal, rules) => {
    const faults = sealFaults(seal);
    expect(faults.map((text) => text.split(", got")[0])).toEqual(rules);
    expect(faults.join()).not.toContain("hunter2");
  });
});

test.each<[string, Sealing, string[]]>([
  ["from shamir", { seal: transit, previousSeal: { kind: "shamir" } }, []],
  ["to shamir", { seal: { kind: "shamir" }, previousSeal: aws }, []],
  [
    "between two services",
    { seal: transit, previousSeal: aws },
    ["previousSeal.kind: must be shamir, or seal must be"],
  ],
  [
    "to where it is",
    { seal: transit, previousSeal: transit },
    ["previousSeal.kind: must differ from seal, which is transit"],
  ],
])("a root key can be moved to and from shamir only: %s", (_what, sealing, rules) => {
  expect(sealingFaults(sealing).map((text) => text.split(", got")[0])).toEqual(rules);
});
