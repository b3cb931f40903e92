import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { createCustomResource, type SyncedObject } from "./custom-resource.ts";
import type { VaultAuthGlobalSpec } from "./custom-resource-specs.ts";
import type { VaultConnection } from "./vault-connection.ts";

/** Settings that login methods share: whatever one of them leaves out is taken from here. */
export interface VaultAuthGlobalArgs extends Omit<
  VaultAuthGlobalSpec,
  "allowedNamespaces" | "vaultConnectionRef" | "namespace"
> {
  /** Name in the cluster. @default - the component's name */
  readonly objectName?: string;
  readonly connection: VaultConnection;
  /** Namespace of the settings. */
  readonly namespace: pulumi.Input<string>;
  /** Namespaces of login methods that may use them. @default - its own */
  readonly allowedNamespaces?: readonly string[];
  /** Vault's own namespace, an Enterprise feature. @default - the root */
  readonly vaultNamespace?: string;
}

/**
 * Settings that login methods share.
 * @example
 * const global = new VaultAuthGlobal("shared", {
 *   connection,
 *   namespace,
 *   kubernetes: { mount: auth.path },
 *   allowedNamespaces: ["app"],
 * });
 * new VaultAuth("app", { connection, global, method });
 */
export class VaultAuthGlobal extends pulumi.ComponentResource {
  /** The custom resource. */
  public readonly object: SyncedObject;

  public constructor(name: string, args: VaultAuthGlobalArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:VaultAuthGlobal", name, {}, componentOptions(opts));
    const { objectName, connection, namespace, allowedNamespaces, vaultNamespace, ...spec } = args;
    if (allowedNamespaces?.includes("*") === true) {
      rejectFaults(this, [
        fault("allowedNamespaces", "must name each namespace", allowedNamespaces, "list those of the login methods"),
      ]);
    }
    const { namespace: connectionNamespace, name: connectionName } = connection.object;
    this.object = createCustomResource(
      `${name}-auth-global`,
      {
        operator: connection.operator,
        kind: "VaultAuthGlobal",
        name: objectName ?? name,
        namespace,
        spec: {
          ...spec,
          vaultConnectionRef: pulumi.interpolate`${connectionNamespace}/${connectionName}`,
          ...(allowedNamespaces !== undefined && { allowedNamespaces }),
          ...(vaultNamespace !== undefined && { namespace: vaultNamespace }),
        },
      },
      childOptions(this, opts),
    );
    this.registerOutputs({ objectName: this.object.name });
  }
}
