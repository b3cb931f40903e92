import { fault } from "../../../shared/errors.ts";
import { certificateName } from "../../../protocol/certificate/trusted-authorities.ts";
import type { IssuedCertificate } from "./certificate-source.ts";
import type { StoredCertificate } from "./stored-certificate.ts";

/**
 * Faults of a replacement of authorities that would leave some client without trust.
 * @param stored What is in use; null before the first run.
 */
export function exchangeFaults(source: IssuedCertificate, stored: StoredCertificate | null): string[] {
  if (stored?.chain.kind !== "certificates" || stored.authorities.kind !== "certificates") return [];
  const own = (subject: string): string | undefined => new RegExp(`CN=${certificateName}-(\\S+)`).exec(subject)?.[1];
  const trusted = stored.authorities.certificates.map(({ subject }) => own(subject));
  const signer = own(stored.chain.certificates[0]?.issuer ?? "");
  // Somebody else's authority: then there is no order to keep.
  if (signer === undefined || trusted.includes(undefined)) return [];
  const { authorities } = source;
  const [first] = authorities;
  return [
    ...(authorities.includes(signer)
      ? []
      : [
          fault(
            "source.authorities",
            `must keep ${signer}, which signed the certificate in use`,
            authorities,
            "put the new one first and keep the old one for one `up`",
          ),
        ]),
    ...(trusted.includes(first)
      ? []
      : [
          fault(
            "source.authorities",
            `must begin with one that is trusted already (${trusted.join(", ")})`,
            authorities,
            "add the new one at the end for one `up`, and let clients take over the bundle",
          ),
        ]),
  ];
}
