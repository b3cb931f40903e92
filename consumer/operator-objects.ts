import type { WorkloadLogin } from "./workload.ts";
import type { VaultOutputs } from "./contract.ts";

/** A custom resource of the Vault Secrets Operator, for `k8s.apiextensions.CustomResource`. */
export interface OperatorObject {
  readonly apiVersion: "secrets.hashicorp.com/v1beta1";
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Where the objects of one workload are, and the identity under which the operator logs in for it. */
export interface OperatorPlace {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * The operator's connection to Vault and its login on behalf of a workload.
 * @returns A VaultConnection, for which a Secret `<name>-ca` with `ca.crt` is needed where Vault speaks TLS, and a
 * VaultAuth.
 */
export function operatorLogin(
  login: WorkloadLogin,
  place: OperatorPlace,
  name: string,
): [OperatorObject, OperatorObject] {
  const { address, caCertificate, authPath, role, audience } = login;
  const connection = { address, ...(caCertificate !== "" && { caCertSecretRef: `${name}-ca` }) };
  const kubernetes = { role, serviceAccount: place.serviceAccount, audiences: [audience] };
  return [
    object("VaultConnection", place.namespace, name, connection),
    object("VaultAuth", place.namespace, name, {
      vaultConnectionRef: name,
      method: "kubernetes",
      mount: authPath,
      kubernetes,
    }),
  ];
}

/**
 * A secret of the store, kept up to date as a Kubernetes Secret.
 * @param outputs The outputs of the Vault stack.
 * @param secret Name of the login's objects, of the secret in the store, and of the Kubernetes Secret.
 */
export function staticSecret(
  { kvMount }: VaultOutputs,
  { namespace }: OperatorPlace,
  secret: { readonly auth: string; readonly path: string; readonly destination: string },
): OperatorObject {
  return object("VaultStaticSecret", namespace, secret.destination, {
    ...{ type: "kv-v2", mount: kvMount, path: secret.path, vaultAuthRef: secret.auth, refreshAfter: "30s" },
    destination: { create: true, name: secret.destination, transformation: { excludeRaw: true } },
  });
}

function object(
  kind: string,
  namespace: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): OperatorObject {
  return { apiVersion: "secrets.hashicorp.com/v1beta1", kind, metadata: { name, namespace }, spec };
}
