import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { x509Library } from "../../sandbox/plugins/tls/x509-library.ts";
import type { TlsPair } from "./tls-pair.ts";

const {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} = await x509Library();

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 86_400_000;

/** When something is valid, in days from now; negative ones are in the past. */
export interface Validity {
  /** @default -1 */
  readonly from?: number;
  /** @default 60 */
  readonly until?: number;
}

/** Somebody else's authority, as a corporate one is. */
export class TlsAuthority {
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(name: string, certificate: string, keys: webcrypto.CryptoKeyPair) {
    this.name = name;
    this.certificate = certificate;
    this.#keys = keys;
  }

  /** A root of its own. */
  static async create(name: string, validity: Validity = { until: 3650 }): Promise<TlsAuthority> {
    const keys = await generateKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      ...dates(validity),
      keys,
      signingAlgorithm: algorithm,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new TlsAuthority(name, `${certificate.toString("pem")}\n`, keys);
  }

  /** An authority between this one and the certificates it issues. */
  async intermediate(name: string): Promise<TlsAuthority> {
    const keys = await generateKeys();
    const certificate = await this.#sign(name, keys, {}, [new BasicConstraintsExtension(true, undefined, true)]);
    return new TlsAuthority(name, certificate, keys);
  }

  /** A certificate for a server, unless it is to be of use to clients only. */
  async issue(
    names: readonly string[],
    validity: Validity = {},
    usage: "serverAuth" | "clientAuth" = "serverAuth",
  ): Promise<TlsPair> {
    const keys = await generateKeys();
    const certificate = await this.#sign("a server", keys, validity, [
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage[usage]]),
    ]);
    const key = PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    return { certificate, key: `${key}\n` };
  }

  async #sign(
    subject: string,
    keys: webcrypto.CryptoKeyPair,
    validity: Validity,
    extensions: readonly InstanceType<
      typeof BasicConstraintsExtension | typeof SubjectAlternativeNameExtension | typeof ExtendedKeyUsageExtension
    >[],
  ): Promise<string> {
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${subject}`,
      issuer: `CN=${this.name}`,
      ...dates(validity),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [...extensions],
    });
    return `${certificate.toString("pem")}\n`;
  }
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  cryptoProvider.set(webcrypto as never);
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function dates({ from = -1, until = 60 }: Validity): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now + from * day), notAfter: new Date(now + until * day) };
}
