import { X509Certificate } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { commonNameOf } from "../../../shared/common-name.ts";
import { toSeconds } from "../../../shared/units.ts";
import type { IssuedCertificate } from "./certificate-source.ts";
import type { CertificateParts } from "./certificate-parts.ts";
import { certificateFiles } from "../server/server-config.ts";
import type { TopologyFacts } from "../server/topology.ts";

/** What a certificate is issued for. */
export interface IssueArgs {
  readonly facts: TopologyFacts;
  readonly namespace: string;
  readonly source: IssuedCertificate;
}

/**
 * Makes authorities, of which the first one signs, a certificate, and the Secret with both. The private keys are kept
 * in the state as secrets.
 * @param name Name of the Secret, and prefix of the rest.
 */
export function issueCertificate(
  name: string,
  { facts, namespace, source }: IssueArgs,
  child: pulumi.CustomResourceOptions,
): CertificateParts {
  const authorities = source.authorities.map((authority) => createAuthority(`${name}-${authority}`, source, child));
  const [signer] = authorities;
  if (signer === undefined) throw new RangeError("an authority must sign the certificate");
  const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, child);
  const leaf = createLeaf(name, { facts, source, key, signer }, child);
  const certificates = authorities.map(({ certificate }) => certificate);
  const caCertificate = pulumi.all(certificates.map(({ certPem }) => certPem)).apply((pems) => pems.join(""));
  const secret = new k8s.core.v1.Secret(
    name,
    {
      metadata: { name, namespace, labels: facts.labels },
      type: "kubernetes.io/tls",
      stringData: {
        [certificateFiles.certificate]: leaf.certPem,
        [certificateFiles.privateKey]: key.privateKeyPem,
        [certificateFiles.authority]: caCertificate,
      },
    },
    child,
  );
  return {
    files: { secret: secret.metadata.name, authoritySecret: secret.metadata.name },
    caCertificate,
    fingerprint: leaf.certPem.apply((pem) => new X509Certificate(pem).fingerprint256),
    expires: leaf.validityEndTime,
    authorityExpires: pulumi
      .all(certificates.map(({ validityEndTime }) => validityEndTime))
      .apply((times) => times.toSorted()[0] ?? ""),
  };
}

interface Authority {
  readonly key: tls.PrivateKey;
  readonly certificate: tls.SelfSignedCert;
}

function createAuthority(
  name: string,
  { authorityValidity }: IssuedCertificate,
  child: pulumi.CustomResourceOptions,
): Authority {
  const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, child);
  const certificate = new tls.SelfSignedCert(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { ...commonNameOf(name), organization: "vaultstack" },
      isCaCertificate: true,
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      validityPeriodHours: toSeconds(authorityValidity) / 3600,
      // An authority is never replaced unannounced: whoever trusts the old one must learn of the new one first.
      earlyRenewalHours: 0,
    },
    child,
  );
  return { key, certificate };
}

interface LeafArgs {
  readonly facts: TopologyFacts;
  readonly source: IssuedCertificate;
  readonly key: tls.PrivateKey;
  readonly signer: Authority;
}

function createLeaf(
  name: string,
  { facts, source, key, signer }: LeafArgs,
  child: pulumi.CustomResourceOptions,
): tls.LocallySignedCert {
  const request = new tls.CertRequest(
    `${name}-request`,
    {
      privateKeyPem: key.privateKeyPem,
      subject: commonNameOf(facts.serviceHost),
      dnsNames: [...facts.certificateNames.dnsNames],
      ipAddresses: [...facts.certificateNames.ipAddresses],
    },
    child,
  );
  return new tls.LocallySignedCert(
    `${name}-leaf`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: signer.certificate.certPem,
      caPrivateKeyPem: signer.key.privateKeyPem,
      allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
      validityPeriodHours: toSeconds(source.validity) / 3600,
      earlyRenewalHours: toSeconds(source.renewBefore) / 3600,
    },
    child,
  );
}
