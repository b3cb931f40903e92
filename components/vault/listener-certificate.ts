import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { childOptions, componentOptions } from "../shared/child-options.ts";
import { rejectFaults } from "../shared/errors.ts";
import { toSeconds } from "../shared/units.ts";
import {
  endWarning,
  listenerCertificateFaults,
  type CertificateSource,
  type IssuedCertificate,
} from "./certificate-source.ts";
import { certificateFiles } from "./server-config.ts";
import type { TopologyFacts } from "./topology.ts";

/** What a certificate for Vault's listener is to be. */
export interface ListenerCertificateArgs {
  /** What derives from the topology: the certificate carries every name in it. */
  readonly facts: TopologyFacts;
  /** Namespace of Vault, where the Secret is. Plain, because names derive from it. */
  readonly namespace: string;
  /** Where the certificate comes from. */
  readonly source: CertificateSource;
}

/**
 * The certificate that Vault's listener presents, as a Secret with `tls.crt`, `tls.key` and `ca.crt` in Vault's namespace.
 *
 * Issued here: an authority per name, of which the first signs and all are trusted, so that an authority is exchanged in
 * three edits without a moment of distrust. The keys are secrets of the state. A run within `renewBefore` of the end
 * replaces the certificate; without runs nothing does.
 *
 * Needs the providers of Kubernetes and of TLS. Give it `dependsOn` the namespace.
 * @example
 * new ListenerCertificate("vault-tls", { facts, namespace: "vault", source }, { providers: [cluster, tlsProvider] });
 */
export class ListenerCertificate extends pulumi.ComponentResource {
  /** Name of the Secret; resolves once the certificate is there. */
  public readonly secretName: pulumi.Output<string>;
  /** PEM bundle of the trusted authorities. */
  public readonly caCertificate: pulumi.Output<string>;
  /** When the certificate ends, RFC 3339. */
  public readonly expires: pulumi.Output<string>;
  /** When the first of the trusted authorities ends, RFC 3339. */
  public readonly authorityExpires: pulumi.Output<string>;
  /** Identifies the certificate: another one is another fingerprint. */
  public readonly fingerprint: pulumi.Output<string>;

  public constructor(name: string, args: ListenerCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:ListenerCertificate", name, {}, componentOptions(opts));
    rejectFaults(this, listenerCertificateFaults(args.source));
    const child = childOptions(this, opts);
    const issued = issue(name, args, args.source, child);
    const secret = new k8s.core.v1.Secret(
      name,
      {
        metadata: { name, namespace: args.namespace, labels: args.facts.labels },
        type: "kubernetes.io/tls",
        stringData: {
          [certificateFiles.certificate]: issued.certificate,
          [certificateFiles.privateKey]: issued.privateKey,
          [certificateFiles.authority]: issued.caCertificate,
        },
      },
      child,
    );
    this.secretName = secret.metadata.name;
    this.caCertificate = issued.caCertificate;
    this.fingerprint = issued.certificate.apply((pem) => createHash("sha256").update(pem).digest("hex").slice(0, 16));
    this.expires = issued.expires;
    this.authorityExpires = issued.authorityExpires;
    const { validity } = args.source;
    this.authorityExpires.apply((end) => {
      const warning = endWarning(end, validity, Date.now());
      if (warning !== null) void pulumi.log.warn(warning, this);
    });
    this.registerOutputs({ expires: this.expires, authorityExpires: this.authorityExpires });
  }
}

/** Name of the Secret that Vault's certificate is kept in. */
export const certificateSecretName = "vault-tls";

interface Issued {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
  readonly caCertificate: pulumi.Output<string>;
  readonly expires: pulumi.Output<string>;
  readonly authorityExpires: pulumi.Output<string>;
}

function issue(
  name: string,
  { facts }: ListenerCertificateArgs,
  source: IssuedCertificate,
  child: pulumi.CustomResourceOptions,
): Issued {
  const authorities = source.authorities.map((authority) => createAuthority(`${name}-${authority}`, source, child));
  const [signer] = authorities;
  if (signer === undefined) throw new RangeError("an authority must sign the certificate");
  const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, child);
  const request = new tls.CertRequest(
    `${name}-request`,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: facts.serviceHost },
      dnsNames: [...facts.certificateNames.dnsNames],
      ipAddresses: [...facts.certificateNames.ipAddresses],
    },
    child,
  );
  const leaf = new tls.LocallySignedCert(
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
  const certificates = authorities.map(({ certificate }) => certificate);
  return {
    certificate: leaf.certPem,
    privateKey: key.privateKeyPem,
    caCertificate: pulumi.all(certificates.map(({ certPem }) => certPem)).apply((pems) => pems.join("")),
    expires: leaf.validityEndTime,
    authorityExpires: pulumi
      .all(certificates.map(({ validityEndTime }) => validityEndTime))
      .apply((times) => times.toSorted()[0] ?? ""),
  };
}

function createAuthority(
  name: string,
  { authorityValidity }: IssuedCertificate,
  child: pulumi.CustomResourceOptions,
): { readonly key: tls.PrivateKey; readonly certificate: tls.SelfSignedCert } {
  const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, child);
  const certificate = new tls.SelfSignedCert(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: name, organization: "vaultstack" },
      isCaCertificate: true,
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      validityPeriodHours: toSeconds(authorityValidity) / 3600,
      // An authority is never replaced behind anybody's back: who trusts the old one must learn of the new one first.
      earlyRenewalHours: 0,
    },
    child,
  );
  return { key, certificate };
}
