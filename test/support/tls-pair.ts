import { webcrypto } from "node:crypto";
import { x509Library } from "../../sandbox/plugins/tls/x509-library.ts";

const { cryptoProvider, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } = await x509Library();

/** A self-signed certificate and its key, PEM. */
export interface TlsPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate for these names, valid for so many days from now; negative: expired. */
export async function makeTlsPair(names: readonly string[], days = 1): Promise<TlsPair> {
  cryptoProvider.set(webcrypto as never);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const day = 86_400_000;
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${names[0] ?? "test"}`,
    notBefore: new Date(now + Math.min(days, 0) * day - day),
    notAfter: new Date(now + days * day),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value })))],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { certificate: certificate.toString("pem"), key };
}
