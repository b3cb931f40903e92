import * as pulumi from "@pulumi/pulumi";
import { certificateTimes } from "./certificate-expiry.ts";
import type { CertificateVolume } from "../server/pod-template.ts";
import type { StoredCertificate } from "./stored-certificate.ts";

/** What others need of a certificate, whatever its source. */
export interface CertificateParts {
  /** Secrets that the pods mount; resolve once they are there. */
  readonly files: CertificateVolume;
  /** PEM bundle of the trusted authorities. */
  readonly caCertificate: pulumi.Output<string>;
  /** SHA-256 of the certificate that this program issues; an output of null where others issue and renew it. */
  readonly fingerprint: pulumi.Output<string | null>;
  /** When the certificate expires, RFC 3339. */
  readonly expires: pulumi.Output<string>;
  /** When the first of the trusted authorities expires, RFC 3339. */
  readonly authorityExpires: pulumi.Output<string>;
}

/**
 * What others need of a certificate that this program does not issue.
 * @returns The outputs; empty texts where nothing is stored.
 */
export function partsOfStored(stored: pulumi.Output<StoredCertificate | null>): Omit<CertificateParts, "files"> {
  const times = stored.apply((found) => (found === null ? null : certificateTimes(found)));
  return {
    caCertificate: stored.apply((found) => (found?.authorities.kind === "certificates" ? found.authorities.pem : "")),
    // Others renew it when they like, which is not a change to the program.
    fingerprint: pulumi.output<string | null>(null),
    expires: times.apply((found) => found?.expires ?? ""),
    authorityExpires: times.apply((found) => found?.authorityExpires ?? ""),
  };
}
