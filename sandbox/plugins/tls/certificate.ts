import { randomBytes, type webcrypto } from "node:crypto";
import type { Extension, Name } from "@peculiar/x509";
import { PluginError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/property.ts";
import type { PropertyRules } from "../shared/schema.ts";
import { usageExtensions, usesFault } from "./key-usages.ts";
import type { SigningKey } from "./signing-key.ts";

type X509 = typeof import("@peculiar/x509");

/** Inputs that every certificate has. Only the renewal window changes without a new certificate. */
export const certificateRules: PropertyRules = {
  allowedUses: { type: { list: "string" }, required: true, replace: true, fault: usesFault },
  validityPeriodHours: { type: "integer", required: true, replace: true },
  earlyRenewalHours: { type: "integer", default: 0 },
  isCaCertificate: { type: "boolean", default: false, replace: true },
  maxPathLength: { type: "integer", replace: true },
  setSubjectKeyId: { type: "boolean", default: false, replace: true },
};

/** Who a certificate is for and who signs it. */
export interface CertificateParties {
  readonly subject: Name;
  readonly publicKey: webcrypto.CryptoKey;
  readonly issuer: Name;
  readonly signer: SigningKey;
  readonly alternativeNames: Extension | undefined;
  /** Identifier of the signing key, where the certificate is to name it. */
  readonly authorityKeyId: string | undefined;
}

/** A signed certificate: its serial number as id, and its outputs. */
export interface SignedCertificate {
  readonly id: string;
  readonly outputs: JsonObject;
}

/** Signs a certificate that is valid from `start` on. */
export async function signCertificate(
  x509: X509,
  inputs: JsonObject,
  parties: CertificateParties,
  start: Date,
): Promise<SignedCertificate> {
  const isCa = inputs["isCaCertificate"] === true;
  if (isCa && parties.subject.toJSON().length === 0) {
    throw new PluginError("subject: must have at least one name for a certificate authority, got none; set commonName");
  }
  const notBefore = new Date(Math.floor(start.getTime() / 1_000) * 1_000);
  const notAfter = new Date(notBefore.getTime() + Number(inputs["validityPeriodHours"]) * hourMilliseconds);
  const serial = randomBytes(16);
  const needsKeyId = isCa || inputs["setSubjectKeyId"] === true;
  const extensions = [
    ...usageExtensions(x509, inputs["allowedUses"]),
    new x509.BasicConstraintsExtension(isCa, pathLength(inputs["maxPathLength"]), true),
    ...(needsKeyId ? [await x509.SubjectKeyIdentifierExtension.create(parties.publicKey)] : []),
    ...(parties.authorityKeyId === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(parties.authorityKeyId)]),
    ...(parties.alternativeNames === undefined ? [] : [parties.alternativeNames]),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString("hex"),
    subject: parties.subject,
    issuer: parties.issuer,
    notBefore,
    notAfter,
    publicKey: parties.publicKey,
    signingKey: parties.signer.privateKey,
    signingAlgorithm: parties.signer.signing,
    extensions,
  });
  return {
    id: BigInt(`0x${serial.toString("hex")}`).toString(),
    outputs: {
      certPem: `${certificate.toString("pem")}\n`,
      readyForRenewal: false,
      validityStartTime: rfc3339(notBefore),
      validityEndTime: rfc3339(notAfter),
    },
  };
}

const hourMilliseconds = 3_600_000;

/** The official provider's library takes a limit of 0 for no limit, so a certificate made here has none either. */
function pathLength(limit: JsonObject[string] | undefined): number | undefined {
  return typeof limit === "number" && limit > 0 ? limit : undefined;
}

function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
