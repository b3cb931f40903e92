import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import type { ResourceType } from "../../shared/provider.ts";
import type { ApiObject } from "../api-object.ts";
import { isSamePath, trimmedPath } from "../equality.ts";
import type { VaultSession } from "../vault-session.ts";
import { configuredMethod } from "./configured-method.ts";
import { tokenFields } from "./token-fields.ts";

const texts = { type: { list: "string" } } as const;
const names = { type: { list: "string" }, set: true } as const;

/**
 * `vault:jwt/authBackend:AuthBackend`: the mount of a JWT method and whose tokens it takes. Vault asks for the keys
 * while the settings are written, and refuses an address that has none.
 */
export function jwtAuthBackend(vault: () => VaultSession): ResourceType {
  return configuredMethod(
    {
      type: ({ type }) => (typeof type === "string" ? type : "jwt"),
      mount: {
        path: { type: "string", default: "jwt", same: isSamePath },
        type: { type: "string", default: "jwt", replace: true },
        description: { type: "string", replace: true },
        disableRemount: { type: "boolean" },
        local: { type: "boolean", default: false, replace: true },
      },
      config: {
        fields: {
          oidcDiscoveryUrl: { type: "string" },
          oidcDiscoveryCaPem: { type: "string" },
          oidcClientId: { type: "string" },
          oidcClientSecret: { type: "string", secret: true },
          jwksUrl: { type: "string" },
          jwksCaPem: { type: "string" },
          jwtValidationPubkeys: texts,
          jwtSupportedAlgs: texts,
          boundIssuer: { type: "string" },
          defaultRole: { type: "string" },
        },
        writeOnly: ["oidcClientSecret"],
      },
    },
    vault,
  );
}

/** `vault:jwt/authBackendRole:AuthBackendRole`: which tokens log in, and what they may do then. */
export const jwtRole: ApiObject = {
  address: {
    backend: { type: "string", default: "jwt", replace: true, same: isSamePath },
    roleName: { type: "string", required: true, replace: true },
  },
  fields: {
    roleType: { type: "string", replace: true },
    userClaim: { type: "string", required: true },
    userClaimJsonPointer: { type: "boolean" },
    boundAudiences: names,
    boundSubject: { type: "string" },
    boundClaims: { type: { map: "string" } },
    boundClaimsType: { type: "string" },
    claimMappings: { type: { map: "string" } },
    groupsClaim: { type: "string" },
    clockSkewLeeway: { type: "integer" },
    expirationLeeway: { type: "integer" },
    notBeforeLeeway: { type: "integer" },
    ...tokenFields,
  },
  path: ({ backend, roleName }) => `auth/${trimmedPath(backend)}/role/${trimmedPath(roleName)}`,
  parse: (path) => {
    const [, backend, roleName] = /^auth\/(.+)\/role\/(.+)$/.exec(path) ?? [];
    return backend === undefined || roleName === undefined ? undefined : { backend, roleName };
  },
  computed: ["roleType", "boundClaimsType"],
  toVault: (body) => withClaims(body, "bound_claims", listOf),
  fromVault: (outputs) => withClaims(outputs, "boundClaims", textOf),
  deletable: true,
};

function withClaims(object: JsonObject, field: string, map: (value: Json) => Json): JsonObject {
  const claims = object[field];
  if (!isObject(claims)) return object;
  const mapped = Object.entries(claims).map(([claim, value]): [string, Json] => [claim, map(value)]);
  return { ...object, [field]: Object.fromEntries(mapped) };
}

/** A property holds several values of a claim as one text; Vault has them as a list. */
function listOf(value: Json): Json {
  return typeof value === "string" && value.includes(",") ? value.split(",") : value;
}

function textOf(value: Json): string {
  if (Array.isArray(value)) return value.map(textOf).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}
