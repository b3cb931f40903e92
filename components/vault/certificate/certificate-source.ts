import { certificateName } from "../../../protocol/certificate/trusted-authorities.ts";
import { X509Certificate } from "node:crypto";
import { fault, hidden } from "../../../shared/errors.ts";
import { isSubdomain } from "../../../shared/kubernetes-name.ts";
import { isCertificates } from "../../../shared/pem.ts";
import { durationFaults, isDuration, toSeconds, type Duration } from "../../../shared/units.ts";

/** A certificate signed by authorities of the stack itself. A run close to its expiry renews it; nothing else does. */
export interface IssuedCertificate {
  readonly kind: "issued";
  /**
   * Names of the trusted authorities; the first one signs. To replace an authority, add the new name at the end, run
   * `up`, let every client take over the bundle, put it first, run `up`, remove the old one, run `up`.
   */
  readonly authorities: readonly string[];
  /** How long a certificate is valid, in whole hours or days. */
  readonly validity: Duration;
  /** How long before it expires a run replaces it. */
  readonly renewBefore: Duration;
  /** How long an authority is valid. */
  readonly authorityValidity: Duration;
}

/** A certificate that cert-manager issues and renews, without any run. */
export interface CertManagerCertificate {
  readonly kind: "cert-manager";
  /** Who signs; an `Issuer` must be in Vault's namespace. */
  readonly issuerRef: { readonly kind: "Issuer" | "ClusterIssuer"; readonly name: string };
  /** How long a certificate is valid, at least one hour. */
  readonly duration: Duration;
  /** How long before it expires cert-manager replaces it, at least five minutes. */
  readonly renewBefore: Duration;
  /** What clients verify it with. */
  readonly authority:
    | {
        /** `ca.crt` of the Secret, which many issuers fill. */
        readonly kind: "secret";
      }
    | {
        readonly kind: "given";
        /** PEM bundle, for issuers that name no authority, such as ACME. */
        readonly certificate: string;
      };
}

/** A certificate that somebody else puts into Vault's namespace and renews there. */
export interface ExistingCertificate {
  readonly kind: "existing";
  /** Name of the Secret with `tls.crt`, `tls.key` and `ca.crt`. */
  readonly secretName: string;
  /** How long before it expires each run warns. */
  readonly renewBefore: Duration;
}

/** Where the certificate of Vault's listener comes from. */
export type CertificateSource = IssuedCertificate | CertManagerCertificate | ExistingCertificate;

/** Names of the Secrets, in Vault's namespace, with the certificate and with what it is verified with. */
export interface CertificateSecrets {
  readonly secret: string;
  /** The same one, unless the authorities come from elsewhere. */
  readonly authoritySecret: string;
}

/**
 * Where a source keeps what it provides.
 * @returns Names of Secrets.
 */
export function certificateSecrets(source: CertificateSource): CertificateSecrets {
  const secret = source.kind === "existing" ? source.secretName : certificateName;
  const isGiven = source.kind === "cert-manager" && source.authority.kind === "given";
  return { secret, authoritySecret: isGiven ? `${certificateName}-ca` : secret };
}

/** Every fault of a certificate's source. */
export function certificateSourceFaults(source: CertificateSource): string[] {
  switch (source.kind) {
    case "issued":
      return [...authorityFaults(source.authorities), ...issuedTimeFaults(source)];
    case "cert-manager":
      return certManagerFaults(source);
    case "existing":
      return [
        ...nameFaults("source.secretName", source.secretName),
        ...durationFaults("source.renewBefore", source.renewBefore),
      ];
  }
}

function authorityFaults(authorities: readonly string[]): string[] {
  const path = "source.authorities";
  if (authorities.length === 0) return [fault(path, "must name at least one authority", authorities, "write ca1")];
  const faults = authorities
    .filter((name) => !/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name))
    .map((name) => fault(path, "must be names of lower-case letters, digits and inner dashes", name, "write ca1"));
  if (new Set(authorities).size < authorities.length) {
    faults.push(fault(path, "must name each authority once", authorities, "remove the second"));
  }
  return faults;
}

function issuedTimeFaults({ validity, renewBefore, authorityValidity }: IssuedCertificate): string[] {
  const times = { validity, renewBefore, authorityValidity };
  const faults = Object.entries(times).flatMap(([name, value]) => durationFaults(`source.${name}`, value));
  if (faults.length > 0) return faults;
  faults.push(
    ...Object.entries(times)
      .filter(([, value]) => isDuration(value) && toSeconds(value) % 3600 !== 0)
      .map(([name, value]) => fault(`source.${name}`, "must be whole hours or days", value, "write it as 24h or 90d")),
    ...shorterFaults(renewBefore, "validity", validity),
  );
  if (toSeconds(validity) > toSeconds(authorityValidity)) {
    const rule = `must be at most authorityValidity, which is ${authorityValidity}`;
    faults.push(fault("source.validity", rule, validity, "a certificate cannot outlive who signed it"));
  }
  return faults;
}

function certManagerFaults({ issuerRef, duration, renewBefore, authority }: CertManagerCertificate): string[] {
  const faults = [
    ...nameFaults("source.issuerRef.name", issuerRef.name),
    ...durationFaults("source.duration", duration),
    ...durationFaults("source.renewBefore", renewBefore),
    ...(authority.kind === "given" ? bundleFaults("source.authority.certificate", authority.certificate) : []),
  ];
  if (!isDuration(duration) || !isDuration(renewBefore)) return faults;
  if (toSeconds(duration) < 3600) {
    faults.push(fault("source.duration", "must be at least 1h, cert-manager's own limit", duration, "raise it"));
  }
  if (toSeconds(renewBefore) < 300) {
    faults.push(fault("source.renewBefore", "must be at least 5m, cert-manager's own limit", renewBefore, "raise it"));
  }
  return [...faults, ...shorterFaults(renewBefore, "duration", duration)];
}

function shorterFaults(renewBefore: Duration, name: string, whole: Duration): string[] {
  if (toSeconds(renewBefore) < toSeconds(whole)) return [];
  return [fault("source.renewBefore", `must be less than ${name}, which is ${whole}`, renewBefore, "lower it")];
}

function nameFaults(path: string, name: string): string[] {
  if (isSubdomain(name)) return [];
  return [fault(path, "must be the name of an object of Kubernetes", name, "correct it")];
}

function bundleFaults(path: string, bundle: string): string[] {
  try {
    if (isCertificates(bundle) && certificatesIn(bundle).length > 0) return [];
  } catch {
    // Reported below.
  }
  return [fault(path, "must be certificates in PEM", hidden, "leave out everything else, such as a private key")];
}

/**
 * Splits a PEM bundle.
 * @param bundle PEM.
 * @returns Its certificates, in order; none for a text without any.
 * @throws {Error} When one of them cannot be read.
 */
export function certificatesIn(bundle: string): X509Certificate[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}
