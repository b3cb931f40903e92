import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { describe, expect, test } from "vitest";
import { PkiEngine } from "../../../../../components/engines/pki/pki.ts";
import { authorityFaults, type PkiAuthority } from "../../../../../components/engines/pki/pki-authority.ts";
import { keyFields, pkiRoleFaults } from "../../../../../components/engines/pki/pki-roles.ts";
import { find, record } from "../../../../../graph/recorder.ts";

// Proves what is asked for; that Vault issues by it is shown by the live tests.

const inVault = () => ({ provider: new vault.Provider("vault", { address: "http://vault.test" }) });
const vaultAddress = "http://vault.test:8200";
const web = { allowedDomains: ["apps.test"], ttl: "24h", maxTtl: "72h" } as const;
const root = { kind: "root", commonName: "apps", ttl: "365d" } as const;
const pkiSecret = (name: string) => `vault:pkiSecret/secretBackend${name}:SecretBackend${name}`;
const outputs = (type: string) =>
  type === pkiSecret("IntermediateSetSigned") ? { importedIssuers: ["lower-issuer"] } : { issuerId: "root-issuer" };

describe("a PKI engine", () => {
  test("is a mount as long-lived as its authority, whose key stays inside, with roles that allow what they say", async () => {
    const recording = await record(
      () => new PkiEngine("pki", { authority: root, vaultAddress, roles: { web } }, inVault()),
      { outputs },
    );
    expect(find(recording, "vault:index/mount:Mount", "pki").inputs).toEqual({
      type: "pki",
      path: "pki",
      maxLeaseTtlSeconds: 31_536_000,
    });
    expect(find(recording, pkiSecret("RootCert"), "pki-root").inputs).toMatchObject({
      type: "internal",
      commonName: "apps",
      ttl: "31536000s",
      keyType: "ec",
      keyBits: 256,
    });
    expect(find(recording, pkiSecret("ConfigUrls"), "pki-urls").inputs).toMatchObject({
      issuingCertificates: ["http://vault.test:8200/v1/pki/ca"],
      crlDistributionPoints: ["http://vault.test:8200/v1/pki/crl"],
    });
    expect(find(recording, pkiSecret("ConfigIssuers"), "pki-issuers").inputs).toMatchObject({ default: "root-issuer" });
    expect(find(recording, pkiSecret("Role"), "pki-web").inputs).toEqual({
      backend: "pki",
      name: "web",
      issuerRef: "root-issuer",
      allowedDomains: ["apps.test"],
      allowSubdomains: true,
      allowBareDomains: false,
      allowWildcardCertificates: false,
      allowIpSans: false,
      allowLocalhost: false,
      serverFlag: true,
      clientFlag: false,
      keyType: "ec",
      keyBits: 256,
      ttl: "86400",
      maxTtl: "259200",
    });
  });

  test("names no role before its authority can issue and certificates say where it is", async () => {
    const recording = await record(
      () => new PkiEngine("pki", { authority: root, vaultAddress, roles: { web } }, inVault()),
      { outputs },
    );
    expect(find(recording, pkiSecret("Role"), "pki-web").dependencies).toEqual(
      expect.arrayContaining(["pki-root", "pki-urls", "pki-issuers"]),
    );
  });

  test("has its authority signed by another engine's", async () => {
    const recording = await record(
      () => {
        const opts = inVault();
        const parent = new PkiEngine("root", { authority: root, vaultAddress, roles: {} }, opts);
        const authority = { kind: "intermediate", commonName: "lower", ttl: "30d", parent } as const;
        new PkiEngine("lower", { authority, vaultAddress, roles: { web } }, opts);
      },
      { outputs },
    );
    expect(find(recording, pkiSecret("RootSignIntermediate"), "lower-signature").inputs).toMatchObject({
      backend: "root",
      issuerRef: "root-issuer",
      ttl: "2592000s",
    });
    expect(find(recording, pkiSecret("Role"), "lower-web").inputs).toMatchObject({ issuerRef: "lower-issuer" });
  });

  test("passes protection on to its mount and its authority", async () => {
    const engine = record(() => {
      new PkiEngine("pki", { authority: root, vaultAddress, roles: { web } }, { ...inVault(), protect: true });
    });
    const { resources } = await engine;
    const isProtected = Object.fromEntries(resources.map(({ name, protect }) => [name, protect]));
    expect(isProtected).toMatchObject({ pki: true, "pki-root": true });
  });
});

describe("the faults of a PKI engine", () => {
  test("are all told at once, with both ends of lifetimes that cannot work together", () => {
    const roles = {
      "a/b": { ...web, allowedDomains: [] },
      web: { allowedDomains: ["*.apps.test"], ttl: "96h", maxTtl: "72h" },
      long: { ...web, maxTtl: "365d" },
    } as const;
    expect(pkiRoleFaults(roles, "365d").map((fault) => fault.split(";")[0])).toEqual([
      'roles.a/b: must be named by letters, digits, dots, dashes and underscores, got "a/b"',
      "roles.a/b.allowedDomains: must hold at least one, got []",
      'roles.web.allowedDomains[0]: must be a domain in lower case, got "*.apps.test"',
      'roles.web.maxTtl: must be at least the ttl of 96h, got "72h"',
      'roles.long.maxTtl: must be shorter than authority.ttl of 365d, got "365d"',
    ]);
  });

  test("are found in an authority that would outlive the one that signs it", () => {
    const named = { path: pulumi.output("pki"), issuerId: pulumi.output("root-issuer") };
    const parent: Extract<PkiAuthority, { kind: "intermediate" }>["parent"] = { ...named, authorityTtl: "30d" };
    const authority = { kind: "intermediate", commonName: " ", ttl: "60d", parent } as const;
    expect(authorityFaults(authority).map((fault) => fault.split(", got")[0])).toEqual([
      "authority.commonName: must be a name of 1 to 64 characters",
    ]);
    expect(authorityFaults({ ...authority, commonName: "lower" })).toEqual([
      'authority.ttl: must be shorter than authority.ttl of its parent, 30d, got "60d"; lower it: what it issues would be refused once the parent has ended',
    ]);
  });
});

test.each([
  ["rsa-4096", "rsa", 4096],
  ["ec-384", "ec", 384],
  ["ed25519", "ed25519", 0],
] as const)("a key of type %s is written for Vault as %s of %d bits", (type, keyType, keyBits) => {
  expect(keyFields(type)).toEqual({ keyType, keyBits });
});
