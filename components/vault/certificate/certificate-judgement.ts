import { isIP } from "node:net";
import type { X509Certificate } from "node:crypto";
import { fault, hidden } from "../../../shared/errors.ts";
import { rfc3339 } from "./certificate-expiry.ts";
import type { FileContent, StoredCertificate } from "./stored-certificate.ts";

/** What somebody else's certificate is checked against. */
export interface CertificateDemand {
  /** `<namespace>/<name>` of the Secret. */
  readonly secret: string;
  /** Names by which Vault is reached. */
  readonly hosts: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Every fault of a certificate that somebody else gives.
 * @param stored What the Secret holds; null when it does not exist.
 */
export function storedCertificateFaults(stored: StoredCertificate | null, demand: CertificateDemand): string[] {
  const { secret } = demand;
  if (stored === null) {
    const remedy = "create it, with the namespace if that is not there, which then becomes the stack's";
    return [fault(`Secret ${secret}`, "must exist with tls.crt, tls.key and ca.crt", undefined, remedy)];
  }
  const { chain, authorities, key } = stored;
  return [
    ...contentFaults(`Secret ${secret} tls.crt`, chain),
    ...keyFaults(`Secret ${secret} tls.key`, key),
    ...contentFaults(`Secret ${secret} ca.crt`, authorities),
    ...(chain.kind === "certificates" ? leafFaults(chain.certificates, demand) : []),
    ...(authorities.kind === "certificates" ? authorityFaults(authorities.certificates, demand) : []),
    ...(chain.kind === "certificates" && authorities.kind === "certificates"
      ? chainFaults(chain.certificates, authorities.certificates, demand)
      : []),
  ];
}

function contentFaults(path: string, { kind }: FileContent): string[] {
  if (kind === "certificates") return [];
  return [fault(path, "must be certificates in PEM", kind === "missing" ? undefined : hidden, "put them there")];
}

function keyFaults(path: string, key: StoredCertificate["key"]): string[] {
  if (key === "fits") return [];
  const [rule, remedy] =
    key === "other"
      ? ["must be the key of the certificate in tls.crt", "put both of one pair there"]
      : ["must be a private key in PEM, not encrypted", "put it there"];
  return [fault(path, rule, key === "missing" ? undefined : hidden, remedy)];
}

function leafFaults([leaf]: readonly X509Certificate[], { secret, hosts, now }: CertificateDemand): string[] {
  if (leaf === undefined) return [];
  const path = `Secret ${secret} tls.crt`;
  const missing = hosts.filter((host) => !carries(leaf, host));
  const faults = dateFaults(path, leaf, now);
  if (missing.length > 0) {
    const found = leaf.subjectAltName ?? "no names";
    faults.push(fault(path, `must be valid for ${missing.join(", ")}`, found, "issue it for all of these"));
  }
  // Absent means valid for all uses.
  const uses = leaf.keyUsage as readonly string[] | undefined;
  if (uses !== undefined && !uses.includes(serverAuthentication)) {
    faults.push(fault(path, "must be usable by servers", uses, "issue it with the extended key usage serverAuth"));
  }
  return faults;
}

const serverAuthentication = "1.3.6.1.5.5.7.3.1";

function carries(leaf: X509Certificate, host: string): boolean {
  const found = isIP(host) === 0 ? leaf.checkHost(host, { subject: "never" }) : leaf.checkIP(host);
  return found !== undefined;
}

function authorityFaults(authorities: readonly X509Certificate[], { secret, now }: CertificateDemand): string[] {
  const path = `Secret ${secret} ca.crt`;
  return authorities.flatMap((authority) => {
    const faults = dateFaults(path, authority, now);
    if (authority.ca) return faults;
    return [...faults, fault(path, "must hold certificates of authorities only", nameOf(authority), "leave it out")];
  });
}

function dateFaults(path: string, { validFromDate, validToDate }: X509Certificate, now: number): string[] {
  if (validToDate.getTime() <= now) return [fault(path, "must not have ended", rfc3339(validToDate), "renew it")];
  if (validFromDate.getTime() <= now) return [];
  return [fault(path, "must be valid already", `from ${rfc3339(validFromDate)} on`, "wait, or set the clock right")];
}

/** From the certificate up to a trusted authority, by way of the certificates sent along. */
function chainFaults(
  [leaf, ...others]: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  { secret }: CertificateDemand,
): string[] {
  const signed = (by: X509Certificate, whom: X509Certificate): boolean =>
    whom.checkIssued(by) && whom.verify(by.publicKey);
  const left = [...others];
  let current = leaf;
  while (current !== undefined) {
    const lower: X509Certificate = current;
    if (authorities.some((authority) => signed(authority, lower))) return [];
    const index = left.findIndex((between) => signed(between, lower));
    current = index < 0 ? undefined : left.splice(index, 1)[0];
  }
  const rule = "must lead to an authority in ca.crt";
  const got = leaf === undefined ? undefined : `a certificate issued by ${leaf.issuer.replaceAll("\n", ", ")}`;
  return [fault(`Secret ${secret} tls.crt`, rule, got, "add the certificates between, or the authority to ca.crt")];
}

function nameOf({ subject }: X509Certificate): string {
  return subject.replaceAll("\n", ", ");
}
