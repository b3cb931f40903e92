import type { Extension } from "@peculiar/x509";
import type { Draft, Json } from "../shared/property.ts";

type X509 = typeof import("@peculiar/x509");

/** The extensions that say what a certificate's key may be used for. */
export function usageExtensions(x509: X509, uses: Json | undefined): Extension[] {
  const names = Array.isArray(uses) ? uses.filter((use) => typeof use === "string") : [];
  const bits = names.flatMap((name) => keyUsageBits[name] ?? []);
  const purposes = names.flatMap((name) => extendedUsages[name] ?? []);
  return [
    ...(bits.length === 0 ? [] : [new x509.Extension(keyUsageType, true, namedBits(bits))]),
    ...(purposes.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(purposes)]),
  ];
}

/** Why a list of uses is refused. */
export function usesFault(uses: Draft): string | undefined {
  const list = Array.isArray(uses) ? uses : [];
  const known = { ...keyUsageBits, ...extendedUsages };
  const wrong = list.filter((use) => typeof use !== "string" || known[use] === undefined);
  if (wrong.length === 0) return undefined;
  return `must be uses of RFC 5280, got ${JSON.stringify(wrong)}; choose from ${Object.keys(known).sort().join(", ")}`;
}

const keyUsageType = "2.5.29.15";

/** A named bit list in DER: the first bit is the most significant one, and zeros at the end are cut off. */
function namedBits(positions: readonly number[]): Buffer {
  const last = Math.max(...positions);
  const content = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const position of positions) {
    const index = Math.floor(position / 8);
    content.writeUInt8(content.readUInt8(index) | (0x80 >> (position % 8)), index);
  }
  return Buffer.from([0x03, content.length + 1, 7 - (last % 8), ...content]);
}

/** Positions of the bits of the key usage extension (RFC 5280, 4.2.1.3). */
const keyUsageBits: Readonly<Record<string, number>> = {
  digital_signature: 0,
  content_commitment: 1,
  key_encipherment: 2,
  data_encipherment: 3,
  key_agreement: 4,
  cert_signing: 5,
  crl_signing: 6,
  encipher_only: 7,
  decipher_only: 8,
};

const extendedUsages: Readonly<Record<string, string>> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};
