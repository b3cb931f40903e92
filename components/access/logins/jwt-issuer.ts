import { createPublicKey } from "node:crypto";
import { fault, hidden } from "../../../shared/errors.ts";
import { parseUrl } from "../../../shared/host.ts";
import { isCertificates } from "../../../shared/pem.ts";

/** Whose tokens are accepted, and where the keys are that verify them. */
export type JwtIssuer =
  | {
      /** The issuer publishes by OpenID Connect discovery where its keys are, as most do. */
      readonly kind: "discovery";
      /** The `iss` of its tokens; `.well-known/openid-configuration` is below it. */
      readonly url: string;
      /** PEM bundle that its server is verified with. @default - the authorities of Vault's image */
      readonly caCertificate?: string | undefined;
    }
  | {
      /** Its keys are at an address, without discovery. */
      readonly kind: "jwks";
      /** The `iss` of its tokens. */
      readonly issuer: string;
      /** Address of its JSON Web Key Set. */
      readonly url: string;
      /** PEM bundle that the address is verified with. @default - the authorities of Vault's image */
      readonly caCertificate?: string | undefined;
    }
  | {
      /** Its keys are given here, for an issuer that Vault cannot reach. A new key means an edit. */
      readonly kind: "publicKeys";
      /** The `iss` of its tokens. */
      readonly issuer: string;
      /** Public keys in PEM; it is enough that one of them verifies the token. */
      readonly publicKeys: readonly string[];
    };

/** The settings of a mount that say whose tokens it accepts. */
export interface JwtIssuerInputs {
  readonly boundIssuer: string;
  readonly oidcDiscoveryUrl?: string;
  readonly oidcDiscoveryCaPem?: string;
  readonly jwksUrl?: string;
  readonly jwksCaPem?: string;
  readonly jwtValidationPubkeys?: string[];
}

/**
 * Writes an issuer for Vault.
 * @param issuer The issuer; check it with {@link jwtIssuerFaults}.
 */
export function jwtIssuerInputs(issuer: JwtIssuer): JwtIssuerInputs {
  switch (issuer.kind) {
    case "discovery": {
      const { url, caCertificate } = issuer;
      const trust = caCertificate === undefined ? {} : { oidcDiscoveryCaPem: caCertificate };
      return { boundIssuer: url, oidcDiscoveryUrl: url, ...trust };
    }
    case "jwks": {
      const { url, caCertificate } = issuer;
      const trust = caCertificate === undefined ? {} : { jwksCaPem: caCertificate };
      return { boundIssuer: issuer.issuer, jwksUrl: url, ...trust };
    }
    case "publicKeys":
      // Vault returns them without a line break at the end; with one, every preview would show a change.
      return { boundIssuer: issuer.issuer, jwtValidationPubkeys: issuer.publicKeys.map((key) => key.trim()) };
  }
}

/**
 * Ports that Vault must reach to get the keys.
 * @param issuer The issuer; check it with {@link jwtIssuerFaults}.
 * @returns The ports; none for keys that are given.
 */
export function jwtIssuerPorts(issuer: JwtIssuer): number[] {
  if (issuer.kind === "publicKeys") return [];
  const { port } = new URL(issuer.url);
  return [port === "" ? 443 : Number(port)];
}

/** Every fault of an issuer. */
export function jwtIssuerFaults(at: string, issuer: JwtIssuer): string[] {
  const named = issuer.kind !== "discovery" && issuer.issuer.trim() === "";
  return [
    ...(named ? [fault(`${at}.issuer`, "must not be empty", "", "copy the claim iss of one of its tokens")] : []),
    ...(issuer.kind === "publicKeys"
      ? publicKeyFaults(`${at}.publicKeys`, issuer.publicKeys)
      : [
          ...urlFaults(`${at}.url`, issuer.url, issuer.kind),
          ...authorityFaults(`${at}.caCertificate`, issuer.caCertificate),
        ]),
  ];
}

/** Whoever can answer in its place decides who logs in, so the connection to it is verified. */
function urlFaults(at: string, url: string, kind: "discovery" | "jwks"): string[] {
  const parts = parseUrl(url);
  if (parts?.scheme !== "https" || (parts.query !== "" && kind === "discovery")) {
    // Not shown: it may contain credentials.
    const shown = url.includes("@") ? hidden : url;
    return [fault(at, "must be an https:// URL", shown, "leave out user, query and fragment")];
  }
  if (kind !== "discovery" || !parts.path.includes("/.well-known/")) return [];
  return [fault(at, "must be what the tokens have as iss", url, "leave out /.well-known/ and what follows")];
}

function authorityFaults(at: string, caCertificate: string | undefined): string[] {
  if (caCertificate === undefined || isCertificates(caCertificate)) return [];
  return [fault(at, "must be certificates in PEM", hidden, "leave it out for an issuer with a public certificate")];
}

function publicKeyFaults(at: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [fault(at, "must hold at least one", keys, "export the issuer's public key")];
  return keys.flatMap((key, index) =>
    isPublicKey(key)
      ? []
      : // Not shown: it may be the private one.
        [fault(`${at}[${index}]`, "must be a public key in PEM", hidden, "export it with `openssl pkey -pubout`")],
  );
}

function isPublicKey(pem: string): boolean {
  if (!/^\s*-----BEGIN PUBLIC KEY-----[^]*-----END PUBLIC KEY-----\s*$/.test(pem)) return false;
  try {
    return createPublicKey(pem).type === "public";
  } catch {
    return false;
  }
}
