import { textAt, type Json, type JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { wireName, type ApiObject } from "../api-object.ts";
import { isSamePath, trimmedPath } from "../equality.ts";
import { VaultError } from "../vault-error.ts";
import type { VaultSession } from "../vault-session.ts";

const backend = { type: "string", required: true, replace: true, same: isSamePath } as const;

/** What every certificate of an authority says. */
const subject: PropertyRules = {
  commonName: { type: "string", required: true, replace: true },
  altNames: { type: { list: "string" }, replace: true },
  organization: { type: "string", replace: true },
  ou: { type: "string", replace: true },
  country: { type: "string", replace: true },
  excludeCnFromSans: { type: "boolean", replace: true },
  format: { type: "string", default: "pem", replace: true },
};

/** What the key of an authority is. */
const key: PropertyRules = {
  privateKeyFormat: { type: "string", default: "der", replace: true },
  keyType: { type: "string", default: "rsa", replace: true },
  keyBits: { type: "integer", default: 2048, replace: true },
};

/**
 * `vault:pkiSecret/secretBackendRootCert:SecretBackendRootCert`: an authority that signs itself. As in the official
 * provider, another `ttl` changes nothing inside Vault; an issuer that is gone is made anew.
 */
export function pkiRoot(vault: () => VaultSession): ResourceType {
  return madeOnce(vault, {
    inputs: {
      backend,
      type: { type: "string", required: true, replace: true },
      ...subject,
      ...key,
      ttl: { type: "string" },
      maxPathLength: { type: "integer", default: -1, replace: true },
      permittedDnsDomains: { type: { list: "string" }, replace: true },
    },
    path: (inputs) => `issuers/generate/root/${textAt(inputs, "type")}`,
    sent: {
      ...subject,
      ...key,
      ttl: { type: "string" },
      maxPathLength: { type: "integer" },
      permittedDnsDomains: list,
    },
    outputs: ["certificate", "issuingCa", "serialNumber", "issuerId", "keyId"],
    id: (mount, answer) => `${mount}/issuer/${textAt(answer, "issuer_id")}`,
    lasts: async (id, call) => {
      // The issuer as it is; Vault answers with an error of its own when there is none.
      return (await vault().read(id, call).catch(noIssuer)) !== undefined;
    },
    remove: (id, call) => vault().remove(id, call),
  });
}

/**
 * `vault:pkiSecret/secretBackendIntermediateCertRequest:SecretBackendIntermediateCertRequest`: a key, and what another
 * signs for it.
 */
export function pkiRequest(vault: () => VaultSession): ResourceType {
  return madeOnce(vault, {
    inputs: { backend, type: { type: "string", required: true, replace: true }, ...subject, ...key },
    path: (inputs) => `intermediate/generate/${textAt(inputs, "type")}`,
    sent: { ...subject, ...key },
    outputs: ["csr", "keyId"],
    id: (mount, _answer, inputs) => `${mount}/intermediate/generate/${textAt(inputs, "type")}`,
  });
}

/**
 * `vault:pkiSecret/secretBackendRootSignIntermediate:SecretBackendRootSignIntermediate`: the signature of one authority
 * for another.
 */
export function pkiSignature(vault: () => VaultSession): ResourceType {
  const inputs: PropertyRules = {
    backend,
    csr: { type: "string", required: true, replace: true },
    ...subject,
    ttl: { type: "string", replace: true },
    maxPathLength: { type: "integer", default: -1, replace: true },
    useCsrValues: { type: "boolean", default: false, replace: true },
    issuerRef: { type: "string", replace: true },
  };
  return madeOnce(vault, {
    inputs,
    path: (given) =>
      given["issuerRef"] === undefined
        ? "root/sign-intermediate"
        : `issuer/${textAt(given, "issuerRef")}/sign-intermediate`,
    sent: Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "backend" && name !== "issuerRef")),
    outputs: ["certificate", "issuingCa", "serialNumber", "caChains", "certificateBundle"],
    fromAnswer: (answer) => ({
      caChains: answer["ca_chain"] ?? [],
      certificateBundle: [textAt(answer, "certificate"), ...textsOf(answer["ca_chain"])].join("\n"),
    }),
    id: (mount, _answer, given) => `${mount}/root/sign-intermediate/${textAt(given, "commonName")}`,
  });
}

/**
 * `vault:pkiSecret/secretBackendIntermediateSetSigned:SecretBackendIntermediateSetSigned`: gives an authority what was
 * signed for it.
 */
export function pkiSetSigned(vault: () => VaultSession): ResourceType {
  return madeOnce(vault, {
    inputs: { backend, certificate: { type: "string", required: true, replace: true } },
    path: () => "intermediate/set-signed",
    sent: { certificate: { type: "string" } },
    outputs: ["importedIssuers", "importedKeys"],
    id: (mount) => `${mount}/intermediate/set-signed`,
  });
}

/**
 * `vault:pkiSecret/secretBackendConfigUrls:SecretBackendConfigUrls`: what certificates tell about their authority. It
 * stays until the engine goes.
 */
export const pkiUrls: ApiObject = {
  address: { backend },
  fields: {
    issuingCertificates: { type: { list: "string" } },
    crlDistributionPoints: { type: { list: "string" } },
    ocspServers: { type: { list: "string" } },
    enableTemplating: { type: "boolean", default: false },
  },
  path: ({ backend: mount }) => `${trimmedPath(mount)}/config/urls`,
  parse: (path) => {
    const mount = /^(.+)\/config\/urls$/.exec(path)?.[1];
    return mount === undefined ? undefined : { backend: mount };
  },
  computed: ["issuingCertificates", "crlDistributionPoints", "ocspServers"],
  deletable: false,
};

/**
 * `vault:pkiSecret/secretBackendConfigIssuers:SecretBackendConfigIssuers`: whom an engine issues by where nobody says.
 * It stays until the engine goes.
 */
export const pkiIssuers: ApiObject = {
  address: { backend },
  fields: { default: { type: "string" }, defaultFollowsLatestIssuer: { type: "boolean" } },
  path: ({ backend: mount }) => `${trimmedPath(mount)}/config/issuers`,
  parse: (path) => {
    const mount = /^(.+)\/config\/issuers$/.exec(path)?.[1];
    return mount === undefined ? undefined : { backend: mount };
  },
  computed: ["default", "defaultFollowsLatestIssuer"],
  deletable: false,
};

/** `vault:pkiSecret/secretBackendRole:SecretBackendRole`: what certificates are issued, for whom. */
export const pkiRole: ApiObject = {
  address: { backend, name: { type: "string", required: true, replace: true } },
  fields: {
    issuerRef: { type: "string" },
    ttl: { type: "string" },
    maxTtl: { type: "string" },
    allowedDomains: { type: { list: "string" } },
    allowLocalhost: { type: "boolean", default: true },
    allowBareDomains: { type: "boolean", default: false },
    allowSubdomains: { type: "boolean", default: false },
    allowGlobDomains: { type: "boolean", default: false },
    allowAnyName: { type: "boolean", default: false },
    allowWildcardCertificates: { type: "boolean", default: true },
    enforceHostnames: { type: "boolean", default: true },
    allowIpSans: { type: "boolean", default: true },
    serverFlag: { type: "boolean", default: true },
    clientFlag: { type: "boolean", default: true },
    keyType: { type: "string", default: "rsa" },
    keyBits: { type: "integer", default: 2048 },
    requireCn: { type: "boolean", default: true },
    generateLease: { type: "boolean", default: false },
    noStore: { type: "boolean", default: false },
  },
  path: ({ backend: mount, name }) => `${trimmedPath(mount)}/roles/${trimmedPath(name)}`,
  parse: (path) => {
    const [, mount, name] = /^(.+)\/roles\/(.+)$/.exec(path) ?? [];
    return mount === undefined || name === undefined ? undefined : { backend: mount, name };
  },
  computed: ["issuerRef", "ttl", "maxTtl"],
  fromVault: withTextTtls,
  deletable: true,
};

const list = { type: { list: "string" } } as const;

/** Vault takes a text or a number of seconds and returns the number; the property is a text. */
function withTextTtls(outputs: JsonObject): JsonObject {
  const texts = ["ttl", "maxTtl"].flatMap((name): [string, Json][] =>
    typeof outputs[name] === "number" ? [[name, String(outputs[name])]] : [],
  );
  return { ...outputs, ...Object.fromEntries(texts) };
}

/** Something that is made by one request and never changed. */
interface MadeOnce {
  readonly inputs: PropertyRules;
  /** Path below the mount. */
  readonly path: (inputs: JsonObject) => string;
  /** The inputs that are sent, lists as one text. */
  readonly sent: PropertyRules;
  /** Outputs that are fields of the answer. */
  readonly outputs: readonly string[];
  /** Outputs that are made from the answer. @default - none */
  readonly fromAnswer?: (answer: JsonObject) => JsonObject;
  readonly id: (mount: string, answer: JsonObject, inputs: JsonObject) => string;
  /** Whether it is still there. @default - nobody can tell: what the state says holds */
  readonly lasts?: (id: string, context: OperationContext) => Promise<boolean>;
  /** @default - it stays until the engine goes */
  readonly remove?: (id: string, context: OperationContext) => Promise<void>;
}

function madeOnce(vault: () => VaultSession, object: MadeOnce): ResourceType {
  return {
    inputs: object.inputs,
    outputs: Object.fromEntries(object.outputs.map((name) => [name, {}])),
    create: async (inputs, context) => {
      const mount = trimmedPath(inputs["backend"]);
      const answer = await vault().write(`${mount}/${object.path(inputs)}`, bodyOf(object, inputs), context);
      const told = object.outputs.map((name): [string, Json] => [name, answer[wireName(name)] ?? null]);
      const outputs = { ...Object.fromEntries(told), ...object.fromAnswer?.(answer) };
      return { id: object.id(mount, answer, inputs), outputs: { ...inputs, ...outputs } };
    },
    read: async ({ id, outputs }, context) =>
      object.lasts === undefined || (await object.lasts(id, context)) ? { id, outputs } : undefined,
    update: ({ news, oldOutputs }) => Promise.resolve({ ...oldOutputs, ...news }),
    delete: async ({ id }, context) => object.remove?.(id, context),
  };
}

function bodyOf({ sent }: MadeOnce, inputs: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.keys(sent).flatMap((name): [string, Json][] => {
      const value = inputs[name];
      if (value === undefined) return [];
      return [[wireName(name), Array.isArray(value) ? textsOf(value).join(",") : value]];
    }),
  );
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Vault's answer when it knows no issuer of that name. */
function noIssuer(error: unknown): undefined {
  const isGone = error instanceof VaultError && error.errors.some((text) => /unable to find PKI issuer/.test(text));
  if (isGone) return undefined;
  throw error;
}
