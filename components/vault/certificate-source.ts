import { fault } from "../shared/errors.ts";
import { durationFaults, isDuration, toSeconds, type Duration } from "../shared/units.ts";

/** A certificate signed by authorities of the stack itself. */
export interface IssuedCertificate {
  readonly kind: "issued";
  /**
   * Names of the trusted authorities; the first one signs. To exchange an authority, add the new name at the end, run
   * `up`, let every client take over the bundle, put it first, run `up`, remove the old one, run `up`.
   */
  readonly authorities: readonly string[];
  /** How long a certificate is valid, in whole hours or days. */
  readonly validity: Duration;
  /** How long before its end a run replaces it. */
  readonly renewBefore: Duration;
  /** How long an authority is valid. */
  readonly authorityValidity: Duration;
}

/** Where the certificate of Vault's listener comes from. */
export type CertificateSource = IssuedCertificate;

/**
 * Every fault of a certificate's source.
 * @param source The source to judge.
 * @returns The faults in the caller's words; empty when there are none.
 */
export function listenerCertificateFaults(source: CertificateSource): string[] {
  return [...authorityFaults(source.authorities), ...validityFaults(source)];
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

function validityFaults({ validity, renewBefore, authorityValidity }: IssuedCertificate): string[] {
  const times = { validity, renewBefore, authorityValidity };
  const faults = Object.entries(times).flatMap(([name, value]) => durationFaults(`source.${name}`, value));
  if (faults.length > 0) return faults;
  faults.push(
    ...Object.entries(times)
      .filter(([, value]) => isDuration(value) && toSeconds(value) % 3600 !== 0)
      .map(([name, value]) => fault(`source.${name}`, "must be whole hours or days", value, "write it as 24h or 90d")),
  );
  if (toSeconds(renewBefore) >= toSeconds(validity)) {
    faults.push(
      fault("source.renewBefore", `must be less than validity, which is ${validity}`, renewBefore, "lower it"),
    );
  }
  if (toSeconds(validity) > toSeconds(authorityValidity)) {
    const rule = `must be at most authorityValidity, which is ${authorityValidity}`;
    faults.push(fault("source.validity", rule, validity, "a certificate cannot outlive who signed it"));
  }
  return faults;
}

/**
 * The warning that an authority ends before a certificate signed today would.
 * @param end When it ends, RFC 3339.
 * @param validity How long a certificate is valid.
 * @param now Milliseconds since the epoch.
 * @returns The warning; null while there is time.
 */
export function endWarning(end: string, validity: Duration, now: number): string | null {
  const left = Date.parse(end) - now;
  if (left > toSeconds(validity) * 1000) return null;
  return `an authority of Vault's certificate ends ${end}; exchange it, as docs/operations.md says under "Certificates"`;
}
