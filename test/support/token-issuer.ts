import { createHmac, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { nodeAddress } from "../../sandbox/cluster/addresses.ts";
import { TlsAuthority } from "./tls-authority.ts";
import type { TlsPair } from "./tls-pair.ts";

/** A key by which tokens are signed. */
interface SigningKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** How a token is made other than it should be. */
export interface Forgery {
  /** Signs with a key of somebody else, under the name of the issuer's. */
  readonly foreignKey?: boolean;
  /** Says of itself that it is signed in this way. */
  readonly algorithm?: "none" | "HS256";
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * An issuer of tokens as a CI system has one: it serves OpenID Connect discovery and its keys over TLS at the node's
 * address, where the pods reach it. It runs in the test's own process.
 */
export class TokenIssuer {
  /** What its tokens have as `iss`. */
  readonly url: string;
  /** PEM bundle that its server is verified with. */
  readonly caCertificate: string;
  #key = newKey("key-1");
  #server: Server | undefined;
  readonly #pair: TlsPair;
  readonly #port: number;

  private constructor(port: number, pair: TlsPair, caCertificate: string) {
    this.#port = port;
    this.#pair = pair;
    this.url = `https://${nodeAddress}:${port}`;
    this.caCertificate = caCertificate;
  }

  /** Makes one that does not answer yet. */
  static async create(): Promise<TokenIssuer> {
    const authority = await TlsAuthority.create("authority of the issuer");
    const pair = await authority.issue([nodeAddress]);
    const probe = createServer().listen(0, nodeAddress);
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    probe.close();
    return new TokenIssuer(port, pair, authority.certificate);
  }

  /** Answers from now on. */
  async start(): Promise<void> {
    const { certificate, key } = this.#pair;
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      const body = this.#documents()[request.url ?? ""];
      response.writeHead(body === undefined ? 404 : 200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body ?? {}));
    });
    await once(this.#server.listen(this.#port, nodeAddress), "listening");
  }

  /** Answers no more. */
  stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  /** Takes another key; the one before is gone from what it serves. */
  rotate(): void {
    this.#key = newKey(`${this.#key.id}-next`);
  }

  /** Its present key, PEM. */
  publicKey(): string {
    return this.#key.publicKey.export({ type: "spki", format: "pem" }).toString();
  }

  /** A token that is valid for five minutes, unless the claims say otherwise. A claim that is undefined is left out. */
  token(claims: Claims, { foreignKey = false, algorithm }: Forgery = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const { id, privateKey } = foreignKey ? { ...newKey("foreign"), id: this.#key.id } : this.#key;
    const header = { alg: algorithm ?? "ES256", typ: "JWT", kid: id };
    const content = { iss: this.url, iat: now, exp: now + 300, ...claims };
    const signed = [header, content].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    if (algorithm === "none") return `${signed}.`;
    if (algorithm === "HS256") {
      // The known confusion of a public key with a shared secret.
      return `${signed}.${createHmac("sha256", this.publicKey()).update(signed).digest("base64url")}`;
    }
    const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  }

  #documents(): Readonly<Record<string, unknown>> {
    const key = { ...this.#key.publicKey.export({ format: "jwk" }), kid: this.#key.id, alg: "ES256", use: "sig" };
    const discovery = {
      issuer: this.url,
      jwks_uri: `${this.url}/keys`,
      ...{ authorization_endpoint: `${this.url}/none`, token_endpoint: `${this.url}/none` },
      ...{ response_types_supported: ["id_token"], subject_types_supported: ["public"] },
      id_token_signing_alg_values_supported: ["ES256"],
    };
    return { "/.well-known/openid-configuration": discovery, "/keys": { keys: [key] } };
  }
}

function newKey(id: string): SigningKey {
  return { id, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
}
