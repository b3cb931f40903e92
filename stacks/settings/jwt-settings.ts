import { z } from "zod";
import { type JwtAlgorithm, jwtAlgorithmFaults, jwtAlgorithms } from "../../components/access/logins/jwt-algorithms.ts";
import { jwtIssuerFaults, type JwtIssuer } from "../../components/access/logins/jwt-issuer.ts";
import { jwtBoundFaults, type JwtRoleArgs } from "../../components/access/logins/jwt-role.ts";
import { fault } from "../../shared/errors.ts";
import {
  databaseRoleName,
  labelName,
  secretNames,
  tokenFaults,
  tokenSetting,
  type TokenTerms,
  tokenTerms,
} from "./access-settings.ts";
import type { Granted } from "../logins/granted-rules.ts";

const seeDescription = "see its description in Pulumi.yaml";
const text = z.string({ error: `must be a text; ${seeDescription}` });
const texts = z.array(text, { error: `must be a list of texts; ${seeDescription}` });
const values = z.record(z.string(), texts, {
  error: "must be lists of values by claim; write one value as a list too",
});

const issuer = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("discovery"), url: text, caCertificate: text.optional() }),
    z.strictObject({ kind: z.literal("jwks"), issuer: text, url: text, caCertificate: text.optional() }),
    z.strictObject({ kind: z.literal("publicKeys"), issuer: text, publicKeys: texts }),
  ],
  {
    error:
      'must be {kind: "discovery"} or {kind: "jwks"} or {kind: "publicKeys"}; set its kind below vaultstack:jwt.issuer',
  },
);

const claims = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("exact"), values }),
    z.strictObject({ kind: z.literal("glob"), values, because: text }),
  ],
  { error: 'must be {kind: "exact"} or {kind: "glob"}; set its kind' },
);

const role = z.strictObject(
  {
    audiences: texts,
    subject: text.optional(),
    claims: claims.optional(),
    userClaim: text.default("sub"),
    secrets: secretNames(),
    database: databaseRoleName(),
    token: tokenSetting(),
  },
  { error: `must be a role; ${seeDescription}` },
);

/** The setting `jwt`: no issuer, or one whose tokens log in to Vault. */
export const jwtSetting = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({
      kind: z.literal("issuer"),
      issuer,
      algorithms: z
        .array(
          z.enum(jwtAlgorithms, { error: `must be one of ${jwtAlgorithms.join(", ")}; name how the issuer signs` }),
          {
            error: `must be a list of algorithms; ${seeDescription}`,
          },
        )
        .default(["RS256"]),
      roles: z.record(labelName("role"), role, { error: `must be roles by name; ${seeDescription}` }),
    }),
  ],
  { error: 'must be {kind: "none"} or {kind: "issuer"}; set vaultstack:jwt.kind' },
);

/** An issuer whose tokens log in to Vault, in the terms of the components. */
export interface JwtLoginConfig {
  readonly issuer: JwtIssuer;
  readonly algorithms: readonly JwtAlgorithm[];
  readonly roles: Readonly<Record<string, JwtRoleConfig>>;
}

/** A role: whose tokens, and what each may use. */
export interface JwtRoleConfig extends Granted {
  readonly terms: Omit<JwtRoleArgs, "policies"> & TokenTerms;
}

/**
 * Puts the setting into the terms of the components.
 * @param setting The setting, parsed.
 * @returns The issuer and the roles; null when there is none.
 */
export function jwtLoginConfig(setting: z.infer<typeof jwtSetting>): JwtLoginConfig | null {
  if (setting.kind === "none") return null;
  const roles = Object.entries(setting.roles).map(([name, { secrets, database, token, ...bounds }]) => {
    return [name, { terms: { ...bounds, ...tokenTerms(token) }, secrets, database }] as const;
  });
  return { issuer: setting.issuer, algorithms: setting.algorithms, roles: Object.fromEntries(roles) };
}

/**
 * Every fault of what is in the setting, beyond its form.
 * @param setting The setting, parsed.
 * @returns The faults, with paths below the setting; empty when there are none.
 */
export function jwtSettingFaults(setting: z.infer<typeof jwtSetting>): string[] {
  const config = jwtLoginConfig(setting);
  if (config === null) return [];
  return [
    ...jwtIssuerFaults("issuer", config.issuer),
    ...jwtAlgorithmFaults(config.algorithms),
    ...Object.entries(config.roles).flatMap(([name, { terms, secrets, database }]) => [
      ...jwtBoundFaults(`roles.${name}`, terms),
      ...tokenFaults(`roles.${name}.token`, terms),
      ...(secrets.length === 0 && database === "none"
        ? [fault(`roles.${name}`, "must have secrets or a database", secrets, "a login without either reads nothing")]
        : []),
    ]),
  ];
}
