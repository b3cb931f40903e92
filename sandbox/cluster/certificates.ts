// The certificate library's dependency container does not load without it.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** A certificate and its private key, both as PEM text. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority that can issue. */
export interface Authority extends Identity {
  /** @returns A certificate signed by this authority, with a key of its own. */
  readonly issue: (subject: Subject) => Promise<Identity>;
}

/** Whom a certificate is for. */
interface Subject {
  /** Common name; the user name, when the API server reads it. */
  readonly name: string;
  /** Organization; the group, when the API server reads it. @default - none */
  readonly group?: string;
  /** DNS names and addresses it serves under. @default - it is a client's certificate only */
  readonly hosts?: readonly string[];
}

/** A pair of keys with which the controller-manager and the API server sign and verify service account tokens. */
export interface SigningKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Ten years: whoever keeps a disposable cluster that long has other worries. */
const lifetime = 10 * 365 * 24 * 3600 * 1000;
/** A machine whose clock was wrong at the start must still accept what was issued then. */
const backdated = 24 * 3600 * 1000;

const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" };
const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };

x509.cryptoProvider.set(webcrypto);

/**
 * Makes a self-signed certificate authority.
 * @returns The authority, which can issue at once; its key is not kept anywhere else.
 */
export async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: certificate.toString("pem"),
    key: await privatePem(keys.privateKey),
    issue: (subject) => issue(certificate, keys.privateKey, subject),
  };
}

/**
 * Makes the keys of service account tokens. RSA, because Vault's JWT examples and many verifiers know only RS256.
 * @returns Both halves as PEM text.
 */
export async function createSigningKeys(): Promise<SigningKeys> {
  const keys = await webcrypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
    true,
    ["sign", "verify"],
  );
  const spki = await webcrypto.subtle.exportKey("spki", keys.publicKey);
  return { privateKey: await privatePem(keys.privateKey), publicKey: x509.PemConverter.encode(spki, "PUBLIC KEY") };
}

async function issue(
  issuer: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  subject: Subject,
): Promise<Identity> {
  const keys = await newKeys();
  const hosts = subject.hosts ?? [];
  const usages = [x509.ExtendedKeyUsage.clientAuth, ...(hosts.length > 0 ? [x509.ExtendedKeyUsage.serverAuth] : [])];
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [subject.name] }, ...(subject.group === undefined ? [] : [{ O: [subject.group] }])],
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(hosts.length > 0
        ? [
            new x509.SubjectAlternativeNameExtension(
              hosts.map((value) => ({ type: isIP(value) ? "ip" : "dns", value })),
            ),
          ]
        : []),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privatePem(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - backdated), notAfter: new Date(now + lifetime) };
}
