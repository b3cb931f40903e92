import { createHash } from "node:crypto";
import { z } from "zod";
import { accessTypes } from "./access-types.ts";
import type { DeclaredResource } from "./declared-access.ts";
import { declaredMethod } from "./declared-method.ts";

// Strict, because every setting may decide who gets in.
const jwtMethod = z.strictObject({
  path: z.string(),
  type: z.literal("jwt"),
  boundIssuer: z.string(),
  oidcDiscoveryUrl: z.string().optional(),
  oidcDiscoveryCaPem: z.string().optional(),
  jwksUrl: z.string().optional(),
  jwksCaPem: z.string().optional(),
  jwtValidationPubkeys: z.array(z.string()).default([]),
  jwtSupportedAlgs: z.array(z.string()),
});

/**
 * What every token of a JWT method must show, whatever its role: who issued it, by keys from where.
 * @param resources All resources of the program.
 * @param backend Path of the method.
 * @returns The bounds by name.
 * @throws {Error} When the method is not among them, or has a setting that is not understood.
 */
export function jwtMethodBounds(
  resources: readonly DeclaredResource[],
  backend: string,
): Record<string, readonly string[]> {
  const kind = { type: accessTypes.jwtMethod, schema: jwtMethod, component: "JwtAuth" };
  const method = declaredMethod(resources, backend, kind);
  const { boundIssuer, oidcDiscoveryUrl, oidcDiscoveryCaPem, jwksUrl, jwksCaPem, jwtValidationPubkeys } = method;
  const keys = [
    ...(oidcDiscoveryUrl === undefined ? [] : [`discovery ${oidcDiscoveryUrl}${trusting(oidcDiscoveryCaPem)}`]),
    ...(jwksUrl === undefined ? [] : [`jwks ${jwksUrl}${trusting(jwksCaPem)}`]),
    ...jwtValidationPubkeys.map((key) => `public key ${fingerprint(key)}`),
  ];
  return { issuer: [boundIssuer], keys };
}

/** Who may vouch for the server of the keys may give others. */
function trusting(caCertificate: string | undefined): string {
  return caCertificate === undefined ? "" : ` verified by ${fingerprint(caCertificate)}`;
}

function fingerprint(pem: string): string {
  return createHash("sha256").update(pem.trim()).digest("hex").slice(0, 16);
}
