import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesLogin } from "../../access/logins/kubernetes-auth.ts";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";
import { createCustomResource, type OperatorHandle, type SyncedObject } from "./custom-resource.ts";
import type { VaultAuthSpec } from "./custom-resource-specs.ts";
import type { VaultAuthGlobal } from "./vault-auth-global.ts";
import type { VaultConnection } from "./vault-connection.ts";

/** How the operator logs in on behalf of a workload. */
export type VaultAuthMethod =
  | {
      /** With a token that Kubernetes makes for the workload's service account. */
      readonly kind: "kubernetes";
      /** The role to log in under. */
      readonly login: KubernetesLogin;
      /** Account of the workload; its namespace is that of the login method. */
      readonly serviceAccount: k8s.core.v1.ServiceAccount;
      /** Lifetime of the Kubernetes token for Vault, at least 10 minutes. @default "10m" */
      readonly tokenExpiration?: Duration;
    }
  | {
      /** One of the other methods. */
      readonly kind: "other";
      /** Namespace of the login method. */
      readonly namespace: pulumi.Input<string>;
      /** The method, in the form the operator takes. */
      readonly spec: Pick<VaultAuthSpec, "method" | "mount" | "jwt" | "appRole" | "aws" | "gcp">;
    };

/** A login method for the operator. */
export interface VaultAuthArgs extends Pick<VaultAuthSpec, "headers" | "params"> {
  /** Name in the cluster. @default - the component's name */
  readonly objectName?: string;
  readonly connection: VaultConnection;
  readonly method: VaultAuthMethod;
  /** Settings shared with other login methods. @default - none */
  readonly global?: VaultAuthGlobal;
  /** Other namespaces whose secrets may use it. @default - its own */
  readonly allowedNamespaces?: readonly string[];
  /** Makes it the one the operator encrypts its cache with: mount and key of a transit engine. @default - it is not */
  readonly storageEncryption?: VaultAuthSpec["storageEncryption"];
  /** Vault's own namespace, an Enterprise feature. @default - the root */
  readonly vaultNamespace?: string;
}

/** Kubernetes issues no token with a shorter lifetime. */
const shortestToken = 600;

/**
 * A login method for the operator, in the namespace of the workload it logs in for.
 * @example
 * new VaultAuth(
 *   "static-auth",
 *   { connection, method: { kind: "kubernetes", login: auth.logins.role1, serviceAccount } },
 *   cluster,
 * );
 */
export class VaultAuth extends pulumi.ComponentResource {
  /** The operator that uses it. */
  public readonly operator: OperatorHandle;
  /** The custom resource. */
  public readonly object: SyncedObject;
  /** Namespace of the custom resource, known before it exists. */
  public readonly namespace: pulumi.Output<string>;
  /** When its token ends, however often it is renewed; null for never, undefined if not known. */
  public readonly tokenEnd: Duration | null | undefined;

  public constructor(name: string, args: VaultAuthArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:VaultAuth", name, {}, componentOptions(opts));
    rejectFaults(this, vaultAuthFaults(args));
    const { connection, method, global, allowedNamespaces, storageEncryption } = args;
    this.operator = connection.operator;
    this.tokenEnd = method.kind === "kubernetes" ? method.login.tokenEnd : undefined;
    this.namespace = pulumi.output(
      method.kind === "kubernetes" ? method.serviceAccount.metadata.namespace : method.namespace,
    );
    const { namespace: connectionNamespace, name: connectionName } = connection.object;
    this.object = createCustomResource(
      `${name}-auth`,
      {
        operator: connection.operator,
        kind: "VaultAuth",
        name: args.objectName ?? name,
        namespace: this.namespace,
        labels: storageEncryption === undefined ? {} : { cacheStorageEncryption: "true" },
        spec: {
          vaultConnectionRef: pulumi.interpolate`${connectionNamespace}/${connectionName}`,
          ...methodSpec(method),
          ...(global !== undefined && {
            vaultAuthGlobalRef: { name: global.object.name, namespace: global.object.namespace },
          }),
          ...(allowedNamespaces !== undefined && { allowedNamespaces }),
          ...(storageEncryption !== undefined && { storageEncryption }),
          ...(args.vaultNamespace !== undefined && { namespace: args.vaultNamespace }),
          ...(args.headers !== undefined && { headers: args.headers }),
          ...(args.params !== undefined && { params: args.params }),
        },
      },
      childOptions(this, opts),
    );
    this.registerOutputs({ objectName: this.object.name });
  }
}

/** Every fault of a login method's arguments. */
export function vaultAuthFaults({
  method,
  allowedNamespaces,
}: Pick<VaultAuthArgs, "method" | "allowedNamespaces">): string[] {
  const faults: string[] = [];
  if (allowedNamespaces?.includes("*") === true) {
    faults.push(
      fault(
        "allowedNamespaces",
        "must name each namespace",
        allowedNamespaces,
        "list those of the secrets that use it",
      ),
    );
  }
  if (method.kind === "other") return faults;
  const { tokenExpiration = "10m" } = method;
  const durations = durationFaults("method.tokenExpiration", tokenExpiration);
  if (durations.length === 0 && toSeconds(tokenExpiration) < shortestToken) {
    faults.push(
      fault("method.tokenExpiration", "must be at least 10m", tokenExpiration, "Kubernetes makes no shorter one"),
    );
  }
  return [...faults, ...durations];
}

function methodSpec(method: VaultAuthMethod): VaultAuthSpec {
  if (method.kind === "other") return method.spec;
  const { login, serviceAccount, tokenExpiration = "10m" } = method;
  return {
    method: "kubernetes",
    mount: login.authPath,
    kubernetes: {
      role: login.roleName,
      serviceAccount: serviceAccount.metadata.name,
      audiences: [login.audience],
      tokenExpirationSeconds: toSeconds(tokenExpiration),
    },
  };
}
