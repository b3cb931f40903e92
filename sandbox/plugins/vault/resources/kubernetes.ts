import { trimmedPath, isSamePath } from "../equality.ts";
import type { ApiObject } from "../api-object.ts";
import { tokenFields } from "./token-fields.ts";

/**
 * `vault:kubernetes/authBackendConfig:AuthBackendConfig`: how Vault reviews tokens of a cluster. It stays until its
 * mount goes.
 */
export const kubernetesConfig: ApiObject = {
  address: { backend: { type: "string", default: "kubernetes", replace: true, same: isSamePath } },
  fields: {
    kubernetesHost: { type: "string", required: true },
    kubernetesCaCert: { type: "string" },
    tokenReviewerJwt: { type: "string", secret: true },
    pemKeys: { type: { list: "string" } },
    issuer: { type: "string" },
    disableIssValidation: { type: "boolean" },
    disableLocalCaJwt: { type: "boolean" },
    useAnnotationsAsAliasMetadata: { type: "boolean" },
  },
  path: ({ backend }) => `auth/${trimmedPath(backend)}/config`,
  parse: (path) => {
    const backend = /^auth\/(.+)\/config$/.exec(path)?.[1];
    return backend === undefined ? undefined : { backend };
  },
  writeOnly: ["tokenReviewerJwt"],
  computed: ["kubernetesCaCert", "disableIssValidation", "disableLocalCaJwt", "useAnnotationsAsAliasMetadata"],
  deletable: false,
};

/**
 * `vault:kubernetes/authBackendRole:AuthBackendRole`: which service accounts may log in, and what their tokens may do.
 */
export const kubernetesRole: ApiObject = {
  address: {
    backend: { type: "string", default: "kubernetes", replace: true, same: isSamePath },
    roleName: { type: "string", required: true, replace: true },
  },
  fields: {
    boundServiceAccountNames: { type: { list: "string" }, required: true, set: true },
    boundServiceAccountNamespaces: { type: { list: "string" }, set: true },
    boundServiceAccountNamespaceSelector: { type: "string" },
    audience: { type: "string" },
    aliasNameSource: { type: "string" },
    ...tokenFields,
  },
  path: ({ backend, roleName }) => `auth/${trimmedPath(backend)}/role/${trimmedPath(roleName)}`,
  parse: (path) => {
    const [, backend, roleName] = /^auth\/(.+)\/role\/(.+)$/.exec(path) ?? [];
    return backend === undefined || roleName === undefined ? undefined : { backend, roleName };
  },
  computed: ["aliasNameSource"],
  deletable: true,
};
