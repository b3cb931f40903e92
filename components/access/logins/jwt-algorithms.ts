import { fault } from "../../../shared/errors.ts";

/** The signing algorithms for which Vault needs only the public key. */
export const jwtAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
] as const;

/** How a token may be signed: RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512 or EdDSA. */
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/**
 * The fault of a list of algorithms, if it has one.
 * @param algorithms The list; undefined for the default.
 */
export function jwtAlgorithmFaults(algorithms: readonly JwtAlgorithm[] | undefined): string[] {
  return algorithms?.length === 0 ? [fault("algorithms", "must hold at least one", [], "leave it out for RS256")] : [];
}
