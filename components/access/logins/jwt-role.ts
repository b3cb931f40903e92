import { cidrFaults } from "../../../shared/cidr.ts";
import { fault } from "../../../shared/errors.ts";
import type { Policy } from "../policy.ts";
import { lifetimeFaults, lifetimeSeconds, type TokenLifetime } from "./token-lifetime.ts";

/** Claims that a token must have, each with one of these values. A name that begins with a slash is a JSON pointer. */
export type BoundClaims =
  | {
      /** The values are meant literally. */
      readonly kind: "exact";
      readonly values: Readonly<Record<string, readonly string[]>>;
    }
  | {
      /** A `*` in a value stands for any text. */
      readonly kind: "glob";
      readonly values: Readonly<Record<string, readonly string[]>>;
      /** Why the values cannot be listed, in one line, for reviewers of the program. */
      readonly because: string;
    };

/** Whose tokens log in under one role, and what they may do. */
export interface JwtRoleArgs {
  /** What the token must be made for; one of these. A token for another service is refused. */
  readonly audiences: readonly string[];
  /** The subject of the token, its claim `sub`. @default - anybody with the claims */
  readonly subject?: string | undefined;
  /**
   * What else it must say. A role needs a subject or a claim: the audience alone lets in everybody who has a token from
   * the issuer.
   * @default - nothing
   */
  readonly claims?: BoundClaims | undefined;
  /** Claim by which the audit log and Vault's entities name whoever logged in. @default "sub" */
  readonly userClaim?: string;
  /** Policies of the issued token. */
  readonly policies: readonly Policy[];
  /** Lifetime of the issued token; it does not end with the token that was used to log in. */
  readonly lifetime: TokenLifetime;
  /** Networks that requests with the token must come from, as Vault sees them. @default - any */
  readonly tokenBoundCidrs?: readonly string[];
}

/**
 * Writes a role for Vault.
 * @param role The role; check it with {@link jwtRoleFaults}.
 * @returns The inputs of the role, without mount and name.
 */
export function jwtRoleInputs({ audiences, subject, claims, userClaim = "sub", ...token }: JwtRoleArgs) {
  const { policies, lifetime, tokenBoundCidrs = [] } = token;
  const values = Object.entries(claims?.values ?? {});
  return {
    roleType: "jwt",
    userClaim,
    boundAudiences: [...audiences],
    ...(subject !== undefined && { boundSubject: subject }),
    // The official provider takes several values of a claim as one string.
    boundClaims: Object.fromEntries(values.map(([claim, allowed]) => [claim, allowed.join(",")])),
    boundClaimsType: claims?.kind === "glob" ? "glob" : "string",
    tokenPolicies: policies.map((policy) => policy.policyName),
    tokenBoundCidrs: [...tokenBoundCidrs],
    ...lifetimeSeconds(lifetime),
  };
}

/** Every fault of a role. */
export function jwtRoleFaults(at: string, role: JwtRoleArgs): string[] {
  const none = fault(`${at}.policies`, "must hold at least one", [], "a token without a policy can do nothing");
  const { policies, lifetime, tokenBoundCidrs = [] } = role;
  return [
    ...(policies.length === 0 ? [none] : []),
    ...jwtBoundFaults(at, role),
    ...lifetimeFaults(`${at}.lifetime`, lifetime),
    ...cidrFaults(`${at}.tokenBoundCidrs`, tokenBoundCidrs),
  ];
}

/** What a token must say to log in under a role. */
export type JwtBounds = Pick<JwtRoleArgs, "audiences" | "subject" | "claims" | "userClaim">;

/** Every fault of what a token must say. */
export function jwtBoundFaults(at: string, { audiences, subject, claims, userClaim = "sub" }: JwtBounds): string[] {
  const faults: string[] = [];
  if (audiences.length === 0 || audiences.includes("")) {
    faults.push(fault(`${at}.audiences`, "must name at least one", audiences, "use the audience of the token"));
  }
  if (subject === undefined && Object.keys(claims?.values ?? {}).length === 0) {
    const remedy = "the audience alone lets in whoever gets a token of the issuer";
    faults.push(fault(at, "must bind a subject or a claim", undefined, remedy));
  }
  if (subject === "") faults.push(fault(`${at}.subject`, "must not be empty", subject, "leave it out for anybody"));
  if (userClaim === "") faults.push(fault(`${at}.userClaim`, "must name a claim", userClaim, "use sub"));
  return [...faults, ...(claims === undefined ? [] : reservedNameFaults(`${at}.claims`, claims))];
}

function reservedNameFaults(at: string, claims: BoundClaims): string[] {
  const faults = Object.entries(claims.values).flatMap(([claim, values]) => [
    ...(values.length === 0 ? [fault(`${at}.values.${claim}`, "must hold at least one", values, "name a value")] : []),
    ...values.flatMap((value, index) => valueFaults(`${at}.values.${claim}[${index}]`, value, claims.kind)),
  ]);
  if (claims.kind === "glob" && !/\S/.test(claims.because)) {
    faults.push(fault(`${at}.because`, "must say why the values cannot be listed", claims.because, "or use exact"));
  }
  return faults;
}

function valueFaults(at: string, value: string, kind: BoundClaims["kind"]): string[] {
  if (value.trim() !== value || value === "" || value.includes(",")) {
    return [fault(at, "must be a text without comma and outer spaces", value, "list several values one by one")];
  }
  if (kind === "exact" && value.includes("*")) {
    return [fault(at, "must have no * with kind exact, which takes it literally", value, "use glob, with a reason")];
  }
  if (/^\*+$/.test(value)) return [fault(at, "must leave somebody out", value, "name a part of the value")];
  return [];
}
