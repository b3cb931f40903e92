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
} from "./login-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";
import type { Granted } from "../logins/granted-rules.ts";

const seeDescription = "see docs/settings.md";
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

const jwtSetting = z.discriminatedUnion(
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

/** The issuer whose tokens log in, such as a CI system. */
export const jwtSettings = {
  jwt: setting(jwtSetting, {
    default: { kind: "none" },
    description:
      "Issuer whose tokens log in to Vault, such as a CI system. issuer is {kind: discovery} by OpenID Connect, {kind: jwks} by an address of its keys, both with caCertificate for a server whose certificate is not public, or {kind: publicKeys} in PEM. roles say by name whose tokens, by one of audiences and by subject or claims, which are {kind: exact, values} or {kind: glob, values, because} with lists of values by claim; and what they may read, secrets of the mount `secret` by name and logins of a role of the database, none unless given. userClaim names who it was. token says how long it lives and where it may be used from, anywhere unless given.",
    examples: [
      { kind: "none" },
      {
        kind: "issuer",
        issuer: { kind: "discovery", url: "https://token.actions.githubusercontent.com" },
        roles: {
          deploy: {
            audiences: ["vault"],
            subject: "repo:example/shop:ref:refs/heads/main",
            secrets: ["ci/deploy"],
            token: { ttl: "10m", maxTtl: "30m" },
          },
        },
      },
    ],
  }),
};

/** An issuer whose tokens log in to Vault, in the form the components take. */
export interface JwtLoginConfig {
  readonly issuer: JwtIssuer;
  readonly algorithms: readonly JwtAlgorithm[];
  readonly roles: Readonly<Record<string, JwtRoleConfig>>;
}

/** A role: whose tokens, and what each may use. */
export interface JwtRoleConfig extends Granted {
  readonly terms: Omit<JwtRoleArgs, "policies"> & TokenTerms;
}

/** Converts the setting to the form the components take; null when there is no issuer. */
export function jwtConfig({ jwt }: Parsed<typeof jwtSettings>): JwtLoginConfig | null {
  if (jwt.kind === "none") return null;
  const roles = Object.entries(jwt.roles).map(([name, { secrets, database, token, ...bounds }]) => {
    return [name, { terms: { ...bounds, ...tokenTerms(token) }, secrets, database }] as const;
  });
  return { issuer: jwt.issuer, algorithms: jwt.algorithms, roles: Object.fromEntries(roles) };
}

/** Every fault of the setting that its schema does not catch. */
export function jwtFaults({ jwt }: Partial<Parsed<typeof jwtSettings>>): string[] {
  const config = jwt === undefined ? null : jwtConfig({ jwt });
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
  ].map((text) => `${project}:jwt.${text}`);
}
