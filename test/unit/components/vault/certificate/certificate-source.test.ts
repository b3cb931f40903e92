import { describe, expect, test } from "vitest";
import {
  certificateSecrets,
  certificateSourceFaults,
  type CertificateSource,
  type CertManagerCertificate,
  type IssuedCertificate,
} from "../../../../../components/vault/certificate/certificate-source.ts";

const source: IssuedCertificate = {
  kind: "issued",
  authorities: ["ca1"],
  validity: "90d",
  renewBefore: "30d",
  authorityValidity: "3650d",
};

describe("the source of a certificate", () => {
  test("has no fault when it is renewed before it ends, and ends before its authority", () => {
    expect(certificateSourceFaults(source)).toEqual([]);
  });

  test.each([
    ["no authority", { authorities: [] }, "source.authorities: must name at least one"],
    ["an authority twice", { authorities: ["a", "a"] }, "source.authorities: must name each authority once"],
    ["an authority that is no name", { authorities: ["CA 1"] }, "source.authorities: must be names"],
    ["a part of an hour", { renewBefore: "90m" }, "source.renewBefore: must be whole hours"],
    ["a renewal before it begins", { renewBefore: "90d" }, "source.renewBefore: must be less than validity"],
    ["a certificate that outlives its authority", { authorityValidity: "89d" }, "source.validity: must be at most"],
  ] as const)("with %s is a fault", (_, change, rule) => {
    expect(certificateSourceFaults({ ...source, ...change }).join("\n")).toContain(rule);
  });
});

const managed: CertManagerCertificate = {
  kind: "cert-manager",
  issuerRef: { kind: "ClusterIssuer", name: "corporate" },
  duration: "90d",
  renewBefore: "30d",
  authority: { kind: "secret" },
};

describe("a certificate of cert-manager", () => {
  test("has no fault when cert-manager would take it", () => {
    expect(certificateSourceFaults(managed)).toEqual([]);
  });

  test.each([
    [
      "an issuer that is no name",
      { issuerRef: { kind: "Issuer", name: "" } },
      "source.issuerRef.name: must be the name",
    ],
    ["less than an hour", { duration: "30m", renewBefore: "10m" }, "source.duration: must be at least 1h"],
    ["a renewal in the last minutes", { renewBefore: "4m" }, "source.renewBefore: must be at least 5m"],
    ["a renewal before it begins", { renewBefore: "90d" }, "source.renewBefore: must be less than duration"],
    ["an authority that is none", { authority: { kind: "given", certificate: "x" } }, "source.authority.certificate:"],
  ] as const)("with %s is a fault", (_, change, rule) => {
    expect(certificateSourceFaults({ ...managed, ...change }).join("\n")).toContain(rule);
  });
});

test("a certificate of somebody else must have the name of a Secret", () => {
  const existing = { kind: "existing", secretName: "my tls", renewBefore: "30d" } as const;
  expect(certificateSourceFaults(existing)).toEqual([
    'source.secretName: must be the name of an object of Kubernetes, got "my tls"; correct it',
  ]);
});

test.each<[CertificateSource, string, string]>([
  [source, "vault-tls", "vault-tls"],
  [managed, "vault-tls", "vault-tls"],
  [{ ...managed, authority: { kind: "given", certificate: "" } }, "vault-tls", "vault-tls-ca"],
  [{ kind: "existing", secretName: "corporate", renewBefore: "30d" }, "corporate", "corporate"],
])("%j is found in %s, and its authorities in %s", (given, secret, authoritySecret) => {
  expect(certificateSecrets(given)).toEqual({ secret, authoritySecret });
});
