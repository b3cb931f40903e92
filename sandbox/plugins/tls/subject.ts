import { isIP } from "node:net";
import type { Extension, JsonAttributeAndValue, JsonGeneralNames, Name } from "@peculiar/x509";
import type { Draft, Json, JsonObject } from "../shared/property.ts";
import type { PropertyRules } from "../shared/schema.ts";

/** Whom a certificate or a request for one is about. */
export const subjectRules: PropertyRules = {
  subject: {
    type: {
      object: {
        country: { type: "string" },
        organization: { type: "string" },
        organizationalUnit: { type: "string" },
        locality: { type: "string" },
        province: { type: "string" },
        streetAddresses: { type: { list: "string" } },
        postalCode: { type: "string" },
        commonName: { type: "string" },
        serialNumber: { type: "string" },
        emailAddress: { type: "string" },
      },
    },
    replace: true,
  },
  dnsNames: { type: { list: "string" }, replace: true },
  ipAddresses: { type: { list: "string" }, replace: true, fault: addressFault },
  uris: { type: { list: "string" }, replace: true },
};

/** The distinguished name of a subject. */
export function distinguishedName(x509: typeof import("@peculiar/x509"), subject: Json | undefined): Name {
  const given = typeof subject === "object" && subject !== null && !Array.isArray(subject) ? subject : {};
  const attributes = Object.entries(attributeType).flatMap(([property, attribute]) =>
    texts(given[property]).map((value): JsonAttributeAndValue =>
      property === "emailAddress" ? { [attribute]: [{ ia5String: value }] } : { [attribute]: [value] },
    ),
  );
  return new x509.Name(attributes);
}

/** The names a certificate is valid for. */
export function alternativeNames({ dnsNames, ipAddresses, uris }: JsonObject): JsonGeneralNames {
  return [
    ...texts(dnsNames).map((value) => ({ type: "dns" as const, value })),
    ...texts(ipAddresses).map((value) => ({ type: "ip" as const, value })),
    ...texts(uris).map((value) => ({ type: "url" as const, value })),
  ];
}

/**
 * The extension of those names, or undefined when there are none. Critical when the subject is empty:
 * nobody could tell whom the certificate is for if neither were understood (RFC 5280, 4.2.1.6).
 */
export function alternativeNamesExtension(
  x509: typeof import("@peculiar/x509"),
  names: JsonGeneralNames,
  subject: Name,
): Extension | undefined {
  if (names.length === 0) return undefined;
  return new x509.SubjectAlternativeNameExtension(names, subject.toJSON().length === 0);
}

/** Attribute types by property, in the order in which they make up the name. */
const attributeType: Readonly<Record<string, string>> = {
  country: "C",
  organization: "O",
  organizationalUnit: "OU",
  locality: "L",
  province: "ST",
  streetAddresses: "2.5.4.9",
  postalCode: "2.5.4.17",
  commonName: "CN",
  serialNumber: "2.5.4.5",
  emailAddress: "E",
};

function texts(value: Json | undefined): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === "string" && item !== "");
}

function addressFault(value: Draft): string | undefined {
  const wrong = (Array.isArray(value) ? value : []).filter((item) => typeof item !== "string" || isIP(item) === 0);
  return wrong.length === 0 ? undefined : `must be IP addresses, got ${JSON.stringify(wrong)}; use dnsNames for names`;
}
