import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { requestCertificate } from "./cert-manager-certificate.ts";
import { partsOfStored, type CertificateParts } from "./certificate-parts.ts";
import { certificateSecrets, certificateSourceFaults, type CertificateSource } from "./certificate-source.ts";
import { issueCertificate } from "./issued-certificate.ts";
import type { CertificateVolume } from "../server/pod-template.ts";
import type { StoredCertificate } from "./stored-certificate.ts";
import type { TopologyFacts } from "../server/topology.ts";

/** What describes a certificate for Vault's listener. */
export interface ListenerCertificateArgs {
  /** What derives from the topology: the certificate carries every name in it. */
  readonly facts: TopologyFacts;
  /** Namespace of Vault, where the Secret is. Plain, because names derive from it. */
  readonly namespace: string;
  /** Context of the kubeconfig: what others issue is read there. */
  readonly kubeContext: string;
  /** Where the certificate comes from. */
  readonly source: CertificateSource;
  /** What its Secret holds before the run, from `inspectCertificate`; null for nothing. */
  readonly stored: StoredCertificate | null;
}

/**
 * The certificate that Vault's listener presents, as a Secret in Vault's namespace that the pods mount. It is not part
 * of their template: a new certificate is reloaded, whoever put it there.
 *
 * - `issued`: an authority per name, of which the first signs and all are trusted, so that an authority is replaced in
 *   three edits without a moment of distrust. A run within `renewBefore` of the expiry replaces the certificate;
 * - `cert-manager`: a Certificate with every name of the topology, which is waited for;
 * - `existing`: nothing is made. The private key is not part of the state, and neither is cert-manager's.
 *
 * Give it `dependsOn` the namespace.
 * @example
 * const stored = await inspectCertificate({ source, facts, target });
 * new ListenerCertificate(certificateName, { facts, namespace: "vault", kubeContext, source, stored }, { providers });
 */
export class ListenerCertificate extends pulumi.ComponentResource {
  /** Secrets that the pods mount; resolve once they are there. */
  public readonly files: CertificateVolume;
  /** The same Secrets by their plain names, which are known before anything exists. */
  public readonly plainFiles: CertificateVolume;
  /** PEM bundle of the trusted authorities. */
  public readonly caCertificate: pulumi.Output<string>;
  /** When the certificate expires, RFC 3339. */
  public readonly expires: pulumi.Output<string>;
  /** When the first of the trusted authorities expires, RFC 3339. */
  public readonly authorityExpires: pulumi.Output<string>;
  /** SHA-256 of the certificate that this program issues; an output of null where others issue and renew it. */
  public readonly fingerprint: pulumi.Output<string | null>;

  public constructor(name: string, args: ListenerCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:ListenerCertificate", name, {}, componentOptions(opts));
    rejectFaults(this, certificateSourceFaults(args.source));
    const parts = createParts(name, args, childOptions(this, opts));
    this.plainFiles = certificateSecrets(args.source);
    this.files = parts.files;
    this.caCertificate = parts.caCertificate;
    this.fingerprint = parts.fingerprint;
    this.expires = parts.expires;
    this.authorityExpires = parts.authorityExpires;
    this.registerOutputs({ expires: this.expires, authorityExpires: this.authorityExpires });
  }
}

function createParts(
  name: string,
  args: ListenerCertificateArgs,
  child: pulumi.CustomResourceOptions,
): CertificateParts {
  const { source } = args;
  switch (source.kind) {
    case "issued":
      return issueCertificate(name, { ...args, source }, child);
    case "cert-manager":
      return requestCertificate(name, { ...args, source }, child);
    case "existing":
      return { files: certificateSecrets(source), ...partsOfStored(pulumi.output(args.stored)) };
  }
}
