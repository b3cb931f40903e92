import { toSeconds, type Duration } from "../../../shared/units.ts";
import { certificateName } from "../../../protocol/certificate/trusted-authorities.ts";
import type { CertificateSource } from "./certificate-source.ts";
import type { FileContent, StoredCertificate } from "./stored-certificate.ts";

/** When a certificate and its authorities expire. */
export interface CertificateTimes {
  /** RFC 3339. */
  readonly expires: string;
  /** When the first of the trusted authorities expires, RFC 3339. */
  readonly authorityExpires: string;
}

/**
 * When what is stored expires.
 * @returns The times; null for something that is not a certificate.
 */
export function certificateTimes({ chain, authorities }: StoredCertificate): CertificateTimes | null {
  const first = (content: FileContent, count?: number): Date | undefined =>
    content.kind !== "certificates"
      ? undefined
      : content.certificates
          .slice(0, count)
          .map(({ validToDate }) => validToDate)
          .toSorted((a, b) => a.getTime() - b.getTime())[0];
  const [leaf, authority] = [first(chain, 1), first(authorities)];
  return leaf === undefined || authority === undefined
    ? null
    : { expires: rfc3339(leaf), authorityExpires: rfc3339(authority) };
}

/**
 * Writes a time as the outputs have it.
 * @returns RFC 3339, in whole seconds.
 */
export function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Warnings that something expires soon, or has expired.
 * @param now Milliseconds since the epoch.
 * @returns The warnings; none while there is time.
 */
export function expiryWarnings(source: CertificateSource, stored: StoredCertificate, now: number): string[] {
  const times = certificateTimes(stored);
  if (times === null) return [];
  const ends = (end: string, window: Duration): "ends" | "ended" | null => {
    const left = Date.parse(end) - now;
    return left <= 0 ? "ended" : left <= toSeconds(window) * 1000 ? "ends" : null;
  };
  const leaf = ends(times.expires, source.renewBefore);
  const authority = ends(times.authorityExpires, authorityWindow(source));
  return [
    ...(leaf === null ? [] : [`the certificate of Vault's listener ${leaf} ${times.expires}; ${renewal(source)}`]),
    ...(authority === null
      ? []
      : [
          `an authority that Vault's certificate is verified with ${authority} ${times.authorityExpires}; ${exchange(source)}`,
        ]),
  ];
}

/** A certificate signed today must not outlive its signer. */
function authorityWindow(source: CertificateSource): Duration {
  switch (source.kind) {
    case "issued":
      return source.validity;
    case "cert-manager":
      return source.duration;
    case "existing":
      return source.renewBefore;
  }
}

function renewal(source: CertificateSource): string {
  switch (source.kind) {
    case "issued":
      return "`up` renews it";
    case "cert-manager":
      return `cert-manager should have renewed it: see \`kubectl describe certificate ${certificateName}\``;
    case "existing":
      return `renew it in the Secret ${source.secretName}, where Vault takes it over by itself`;
  }
}

function exchange({ kind }: CertificateSource): string {
  return kind === "issued"
    ? `exchange it, as docs/guides/certificates.md says`
    : "whoever issues the certificate must exchange it";
}
