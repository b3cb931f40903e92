import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret, unknown, type PropertyMap } from "../../../plugins/shared/property.ts";
import { tlsProvider } from "../../../plugins/tls/provider.ts";
import { PluginClient } from "../../support/plugin-client.ts";

// Proves keys and certificates by Node's own crypto and by openssl. Does not prove that they equal the official
// provider's byte for byte.

const types = {
  key: "tls:index/privateKey:PrivateKey",
  root: "tls:index/selfSignedCert:SelfSignedCert",
  request: "tls:index/certRequest:CertRequest",
  leaf: "tls:index/locallySignedCert:LocallySignedCert",
};
const hour = 3_600_000;

let now = Date.now();
let folder: string;
let client: PluginClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "certificates-"));
  client = await PluginClient.serve(tlsProvider(() => new Date(now)));
  await client.configure({});
});

afterAll(() => {
  client.close();
  rmSync(folder, { recursive: true });
});

async function created(
  type: string,
  inputs: PropertyMap,
): Promise<{ id: string; outputs: PropertyMap; inputs: PropertyMap }> {
  const checked = await client.check(type, inputs);
  expect(checked.faults).toEqual([]);
  return { ...(await client.create(type, checked.inputs)), inputs: checked.inputs };
}

function text(outputs: PropertyMap, key: string): string {
  const value = outputs[key];
  const revealed = value instanceof Secret ? value.value : value;
  if (typeof revealed !== "string") throw new Error(`${key} is no text`);
  return revealed;
}

async function key(inputs: PropertyMap): Promise<string> {
  return text((await created(types.key, inputs)).outputs, "privateKeyPem");
}

async function root(privateKeyPem: string, more: PropertyMap = {}): Promise<string> {
  const inputs = {
    privateKeyPem: new Secret(privateKeyPem),
    subject: { commonName: "Test Root", organization: "Vault Stack", country: "DE" },
    isCaCertificate: true,
    allowedUses: ["cert_signing", "crl_signing"],
    validityPeriodHours: 48,
    ...more,
  };
  return text((await created(types.root, inputs)).outputs, "certPem");
}

async function leaf(
  ca: { cert: string; key: string },
  algorithm: PropertyMap,
  names: PropertyMap,
): Promise<PropertyMap & { pem: string }> {
  const privateKeyPem = await key(algorithm);
  const request = await created(types.request, { privateKeyPem: new Secret(privateKeyPem), ...names });
  const { outputs } = await created(types.leaf, {
    certRequestPem: request.outputs["certRequestPem"] ?? "",
    caCertPem: ca.cert,
    caPrivateKeyPem: new Secret(ca.key),
    allowedUses: ["key_encipherment", "digital_signature", "server_auth", "client_auth"],
    validityPeriodHours: 24,
    setSubjectKeyId: true,
  });
  expect(new X509Certificate(text(outputs, "certPem")).checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
  return { ...outputs, pem: text(outputs, "certPem") };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const algorithms: [string, PropertyMap][] = [
  ["RSA", { algorithm: "RSA", rsaBits: 2_048 }],
  ["ECDSA P-256", { algorithm: "ECDSA", ecdsaCurve: "P256" }],
  ["ECDSA P-384", { algorithm: "ECDSA", ecdsaCurve: "P384" }],
  ["ECDSA P-521", { algorithm: "ECDSA", ecdsaCurve: "P521" }],
  ["ED25519", { algorithm: "ED25519" }],
];

describe.each(algorithms)("%s", (name, algorithm) => {
  test("makes a key whose forms all agree and whose private forms are secret", async () => {
    const { outputs } = await created(types.key, algorithm);
    for (const form of ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"]) {
      expect(outputs[form]).toBeInstanceOf(Secret);
    }
    const expected = createPublicKey(text(outputs, "publicKeyPem")).export({ format: "jwk" });
    for (const form of ["privateKeyPem", "privateKeyPemPkcs8"]) {
      expect(createPublicKey(text(outputs, form)).export({ format: "jwk" })).toEqual(expected);
    }
    const path = file(`ssh-${name.replaceAll(" ", "-")}`, text(outputs, "privateKeyOpenssh"));
    const [type, blob] = execFileSync("ssh-keygen", ["-y", "-f", path]).toString().split(" ");
    expect(`${type ?? ""} ${blob?.trim() ?? ""}\n`).toBe(text(outputs, "publicKeyOpenssh"));
    expect(execFileSync("ssh-keygen", ["-l", "-f", path]).toString()).toContain(
      text(outputs, "publicKeyFingerprintSha256"),
    );
  });

  test("signs a chain that openssl accepts for its names and purposes", async () => {
    const caKey = await key(algorithm);
    const ca = { cert: await root(caKey, { setAuthorityKeyId: true }), key: caKey };
    const { pem } = await leaf(ca, algorithm, {
      subject: { commonName: "vault" },
      dnsNames: ["vault.vault.svc", "*.vault-internal.vault.svc"],
      ipAddresses: ["127.0.0.1", "::1"],
      uris: ["spiffe://cluster.local/vault"],
    });
    const [rootFile, leafFile] = [file("root.pem", ca.cert), file("leaf.pem", pem)];
    const verify = (...more: string[]): string =>
      execFileSync("openssl", ["verify", "-x509_strict", "-CAfile", rootFile, ...more, leafFile]).toString();
    expect(verify("-purpose", "sslserver", "-verify_hostname", "vault-0.vault-internal.vault.svc")).toContain("OK");
    expect(verify("-purpose", "sslclient", "-verify_ip", "127.0.0.1")).toContain("OK");
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(createPublicKey(ca.cert))).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(ca.cert))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe(
      "DNS:vault.vault.svc, DNS:*.vault-internal.vault.svc, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, URI:spiffe://cluster.local/vault",
    );
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  });
});

describe("a certificate", () => {
  test("has the names of its subject in the customary order and critical usage bits", async () => {
    const pem = await root(await key({ algorithm: "ED25519" }), {
      subject: {
        commonName: "cn",
        country: "DE",
        emailAddress: "a@b.c",
        streetAddresses: ["s1", "s2"],
        serialNumber: "7",
        postalCode: "1",
        province: "p",
        locality: "l",
        organizationalUnit: "ou",
        organization: "o",
      },
      maxPathLength: 2,
    });
    expect(new X509Certificate(pem).subject.split("\n")).toEqual([
      "C=DE",
      "O=o",
      "OU=ou",
      "L=l",
      "ST=p",
      "street=s1",
      "street=s2",
      "postalCode=1",
      "CN=cn",
      "serialNumber=7",
      "emailAddress=a@b.c",
    ]);
    const printed = execFileSync("openssl", ["x509", "-noout", "-text", "-in", file("names.pem", pem)]).toString();
    expect(printed).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(printed).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:2/);
  });

  test("marks its alternative names critical when it has no subject", async () => {
    const caKey = await key({ algorithm: "ED25519" });
    const { pem } = await leaf(
      { cert: await root(caKey), key: caKey },
      { algorithm: "ED25519" },
      { dnsNames: ["vault"] },
    );
    const printed = execFileSync("openssl", ["x509", "-noout", "-text", "-in", file("bare.pem", pem)]).toString();
    expect(printed).toMatch(/Subject Alternative Name: critical/);
  });

  test("is valid from now for the hours asked for", async () => {
    const caKey = await key({ algorithm: "ED25519" });
    const certificate = new X509Certificate(await root(caKey, { validityPeriodHours: 5 }));
    expect(certificate.validToDate.getTime() - certificate.validFromDate.getTime()).toBe(5 * hour);
    expect(Math.abs(certificate.validFromDate.getTime() - now)).toBeLessThan(1_000);
  });

  test("is replaced once its renewal window has begun, and says so when read", async () => {
    const privateKeyPem = new Secret(await key({ algorithm: "ED25519" }));
    const certificate = await created(types.root, {
      privateKeyPem,
      allowedUses: [],
      validityPeriodHours: 10,
      earlyRenewalHours: 3,
    });
    const compared = async () =>
      client.diff(types.root, certificate.id, certificate.inputs, certificate.inputs, certificate.outputs);
    const begin = now;
    try {
      now = begin + 7 * hour - 2_000;
      expect((await compared()).changed).toBe(false);
      now = begin + 7 * hour;
      expect(await compared()).toMatchObject({
        replaces: ["readyForRenewal"],
        details: { readyForRenewal: "UPDATE_REPLACE" },
      });
      const live = await client.read(types.root, certificate.id, certificate.inputs, certificate.outputs);
      expect(live?.outputs["readyForRenewal"]).toBe(true);
    } finally {
      now = begin;
    }
  });

  test("changes its renewal window in place and everything else by replacement", async () => {
    const olds = { allowedUses: [], validityPeriodHours: 10, privateKeyPem: new Secret("k") };
    const diff = await client.diff(types.root, "1", olds, { ...olds, earlyRenewalHours: 1, validityPeriodHours: 11 });
    expect(diff.details).toEqual({ earlyRenewalHours: "ADD", validityPeriodHours: "UPDATE_REPLACE" });
  });

  test("keeps its key secret and is unknown in a preview", async () => {
    const inputs = { privateKeyPem: new Secret(unknown), allowedUses: [], validityPeriodHours: 1 };
    const { outputs } = await client.create(types.root, inputs, { preview: true });
    expect(outputs).toMatchObject({ privateKeyPem: new Secret(unknown), certPem: unknown });
  });
});

describe("refusals", () => {
  test("rejects unknown uses, addresses that are none, and properties not covered", async () => {
    const { faults } = await client.check(types.root, {
      privateKeyPem: "k",
      allowedUses: ["fly"],
      validityPeriodHours: 1,
      ipAddresses: ["vault"],
      privateKeyPemWo: "k",
    });
    expect(faults.map((fault) => fault.split(":")[0]).sort()).toEqual([
      "allowedUses",
      "ipAddresses",
      "privateKeyPemWo",
    ]);
  });

  test("rejects a text that is no key without repeating it", async () => {
    const inputs = { privateKeyPem: new Secret("not a key at all"), allowedUses: [], validityPeriodHours: 1 };
    const failure = await client.create(types.root, inputs).catch((error: unknown) => String(error));
    expect(failure).toContain("privateKeyPem: must be a private key in PEM");
    expect(failure).not.toContain("not a key at all");
  });

  test("rejects an authority's key that is not the certificate's", async () => {
    const algorithm = { algorithm: "ED25519" };
    const cert = await root(await key(algorithm));
    const wrong = { cert, key: await key(algorithm) };
    await expect(leaf(wrong, algorithm, { dnsNames: ["vault"] })).rejects.toThrow(
      "caPrivateKeyPem: must be the key of caCertPem",
    );
  });

  test("rejects signing on a curve the library does not have", async () => {
    const privateKeyPem = await key({ algorithm: "ECDSA", ecdsaCurve: "P224" });
    await expect(root(privateKeyPem)).rejects.toThrow("privateKeyPem: must be of RSA, ED25519, or ECDSA on P256");
  });
});
