import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { standardLabels } from "../../../shared/labels.ts";
import { createCustomResource, type OperatorHandle, type SyncedObject } from "./custom-resource.ts";
import type { VaultConnectionSpec } from "./custom-resource-specs.ts";

/** How the operator reaches Vault. */
export interface VaultConnectionArgs extends Pick<VaultConnectionSpec, "headers" | "timeout"> {
  readonly operator: OperatorHandle;
  /**
   * Name in the cluster; `default` in the operator's namespace is used by login methods that name no connection.
   * @default - the component's name
   */
  readonly objectName?: string;
  /** Namespace of the connection; login methods of any namespace may use it. */
  readonly namespace: pulumi.Input<string>;
  /** Address of Vault inside the cluster. */
  readonly vaultAddress: pulumi.Input<string>;
  /**
   * How Vault's certificate is verified; it always is.
   * @default - Vault speaks plain HTTP, or with a certificate of a public authority
   */
  readonly tls?: VaultConnectionTls;
}

/** How Vault's certificate is verified. */
export interface VaultConnectionTls {
  /** PEM bundle of the authorities. When it changes, the operator logs in again and requests new leased credentials. */
  readonly caCertificate: pulumi.Input<string>;
  /** Name the certificate must be for. @default - the host of the address */
  readonly serverName?: string;
}

/**
 * How the operator reaches Vault; `up` waits until it has reached Vault.
 * @example new VaultConnection("default", { operator, namespace, vaultAddress: server.internalAddress }, cluster);
 */
export class VaultConnection extends pulumi.ComponentResource {
  /** The operator that uses it. */
  public readonly operator: OperatorHandle;
  /** The custom resource. */
  public readonly object: SyncedObject;

  public constructor(name: string, args: VaultConnectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:VaultConnection", name, {}, componentOptions(opts));
    const { tls } = args;
    const child = childOptions(this, opts);
    this.operator = args.operator;
    this.object = createCustomResource(
      `${name}-connection`,
      {
        operator: args.operator,
        kind: "VaultConnection",
        name: args.objectName ?? name,
        namespace: args.namespace,
        spec: {
          address: args.vaultAddress,
          skipTLSVerify: false,
          ...(tls !== undefined && { caCertSecretRef: createAuthorities(name, args, tls, child) }),
          ...(tls?.serverName !== undefined && { tlsServerName: tls.serverName }),
          ...(args.headers !== undefined && { headers: args.headers }),
          ...(args.timeout !== undefined && { timeout: args.timeout }),
        },
      },
      child,
    );
    this.registerOutputs({ objectName: this.object.name });
  }
}

/**
 * The authorities, under a separate name for each bundle: the operator reads them when it connects, and reconnects when
 * the custom resource refers to something else.
 */
function createAuthorities(
  name: string,
  { namespace, objectName: instance = name }: VaultConnectionArgs,
  { caCertificate }: VaultConnectionTls,
  child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const labels = standardLabels({ name: instance, instance, component: "secret-delivery" });
  const secret = new k8s.core.v1.Secret(
    `${name}-authorities`,
    { metadata: { namespace, labels }, immutable: true, stringData: { "ca.crt": caCertificate } },
    child,
  );
  return secret.metadata.name;
}
