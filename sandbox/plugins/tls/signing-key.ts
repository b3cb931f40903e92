import { createPrivateKey, createPublicKey, webcrypto, type KeyObject } from "node:crypto";
import { errorText, PluginError } from "../shared/errors.ts";

/** A private key as the X.509 library takes it. */
export interface SigningKey {
  /** The provider's word for it: RSA, ECDSA or ED25519. */
  readonly algorithm: string;
  readonly signing: Algorithm | EcdsaParams;
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
}

type Algorithm = webcrypto.Algorithm;
type EcdsaParams = webcrypto.EcdsaParams;

/**
 * Reads a private key.
 * @param property name of the property it comes from, for the message
 * @throws PluginError when it is no private key, or one of an algorithm not covered
 */
export async function signingKey(pem: string, property: string): Promise<SigningKey> {
  const key = parsed(pem, property);
  const { name, importing, signing } = algorithmOf(key, property);
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  return {
    algorithm: name,
    signing,
    privateKey: await webcrypto.subtle.importKey("pkcs8", pkcs8, importing, true, ["sign"]),
    publicKey: await verifyingKey(createPublicKey(key), property),
  };
}

/**
 * A public key as the X.509 library takes it.
 * @throws PluginError when it is of an algorithm not covered
 */
export function verifyingKey(key: KeyObject, property: string): Promise<webcrypto.CryptoKey> {
  const spki = key.export({ type: "spki", format: "der" });
  return webcrypto.subtle.importKey("spki", spki, algorithmOf(key, property).importing, true, ["verify"]);
}

function parsed(pem: string, property: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new PluginError(
      `${property}: must be a private key in PEM, got something else (${errorText(error)}); check its source`,
    );
  }
}

interface KeyAlgorithm {
  readonly name: string;
  readonly importing: webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | Algorithm;
  readonly signing: Algorithm | EcdsaParams;
}

const curves: Readonly<Record<string, { namedCurve: string; hash: string }>> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { namedCurve: "P-521", hash: "SHA-512" },
};

function algorithmOf(key: KeyObject, property: string): KeyAlgorithm {
  if (key.asymmetricKeyType === "rsa") {
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    return { name: "RSA", importing: rsa, signing: rsa };
  }
  if (key.asymmetricKeyType === "ed25519") {
    return { name: "ED25519", importing: { name: "Ed25519" }, signing: { name: "Ed25519" } };
  }
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (curve === undefined) {
    const got = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? "another";
    throw new PluginError(
      `${property}: must be of RSA, ED25519, or ECDSA on P256, P384 or P521 to sign with the stand-in, got ${got}; set ecdsaCurve`,
    );
  }
  const { namedCurve, hash } = curve;
  return { name: "ECDSA", importing: { name: "ECDSA", namedCurve }, signing: { name: "ECDSA", hash } };
}
