import { z } from "zod";
import { systemCeiling } from "../../../shared/lease-ceiling.ts";
import { toSeconds } from "../../../shared/units.ts";
import type { DeclaredLogin } from "./access-matrix.ts";

// What a mount without limits of its own allows; no stack changes the server's default.
const longestTtl = toSeconds(systemCeiling);

/** A list of strings that may be left out. */
export const texts = z.array(z.string()).default([]);

/** Fields of a token in the resource of a role, whatever the login method. */
export const tokenFields = {
  tokenPolicies: texts,
  tokenTtl: z.number().optional(),
  tokenMaxTtl: z.number().optional(),
  tokenPeriod: z.number().optional(),
  tokenNumUses: z.number().default(0),
  tokenBoundCidrs: texts,
};

type TokenFields = z.infer<z.ZodObject<typeof tokenFields>>;

interface LoginBase extends Omit<DeclaredLogin, "limits" | "policies"> {
  readonly limits?: DeclaredLogin["limits"];
}

/**
 * A way to log in where a role describes the token.
 * @param token Fields of the token.
 * @param login Who logs in, and where.
 * @returns The login with the bounds and limits of the token.
 */
export function tokenLogin(token: TokenFields, login: LoginBase): DeclaredLogin {
  return {
    ...login,
    bounds: { ...login.bounds, ...ifAny("tokenCidr", token.tokenBoundCidrs) },
    limits: { ...login.limits, ...lifetime(token), ...ifSet("tokenUses", token.tokenNumUses) },
    policies: token.tokenPolicies,
  };
}

/** A periodic token has no end as long as it is renewed; every other one ends at the mount's limit at the latest. */
function lifetime({ tokenTtl, tokenMaxTtl, tokenPeriod }: Omit<TokenFields, "tokenPolicies">): Record<string, number> {
  if (tokenPeriod !== undefined && tokenPeriod > 0) return { ttl: tokenPeriod };
  const maxTtl = tokenMaxTtl === undefined || tokenMaxTtl === 0 ? longestTtl : tokenMaxTtl;
  return { ttl: tokenTtl === undefined || tokenTtl === 0 ? maxTtl : tokenTtl, maxTtl };
}

/**
 * A bound that is present only if it has values.
 * @returns The bound, or nothing.
 */
export function ifAny(name: string, values: readonly string[]): Record<string, readonly string[]> {
  return values.length === 0 ? {} : { [name]: values };
}

/**
 * A limit of one of Vault's roles, where zero means none.
 * @returns The limit, or nothing.
 */
export function ifSet(name: string, limit: number): Record<string, number> {
  return limit === 0 ? {} : { [name]: limit };
}
