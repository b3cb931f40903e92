import { fileURLToPath } from "node:url";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth } from "../access/logins/kubernetes-auth.ts";
import { Policy } from "../access/policy.ts";
import type { TransitKey } from "../engines/transit/transit.ts";
import { childOptions, componentOptions } from "../shared/child-options.ts";
import { standardLabels } from "../../shared/labels.ts";
import { charts } from "../../shared/versions.ts";
import type { OperatorHandle } from "./custom-resources/custom-resource.ts";
import { VaultAuth } from "./custom-resources/vault-auth.ts";
import { VaultConnection, type VaultConnectionArgs } from "./custom-resources/vault-connection.ts";

/** Where a chart comes from. */
export type ChartSource =
  | {
      readonly kind: "repository";
      /** URL of the repository. */
      readonly url: string;
      /** Version of the chart. */
      readonly version: string;
    }
  | {
      readonly kind: "path";
      /** Folder or package on this machine. */
      readonly path: string;
    };

/** The Vault Secrets Operator and its connection to Vault. */
export interface SecretsOperatorArgs {
  /** Context of the kubeconfig, for checking what the operator did. */
  readonly kubeContext: string;
  /** The operator's own namespace. */
  readonly namespace: k8s.core.v1.Namespace;
  /** The official chart. @default charts.secretsOperator, the one tested */
  readonly chart?: ChartSource;
  /** Address of Vault inside the cluster. */
  readonly vaultAddress: pulumi.Input<string>;
  /** How Vault's certificate is verified. @default - Vault speaks plain HTTP */
  readonly tls?: VaultConnectionArgs["tls"];
  /**
   * Encrypts what the operator keeps across restarts: its tokens for Vault, and with them the leases of its secrets.
   */
  readonly clientCache: ClientCache;
  /** Whether Prometheus is told to scrape the operator; needs the CRDs of the Prometheus operator. @default false */
  readonly serviceMonitor?: boolean;
}

/** What encrypts the operator's cache, and under which identity the operator uses it. */
export interface ClientCache {
  readonly key: TransitKey;
  /** Where the operator's tokens are reviewed. */
  readonly auth: KubernetesAuth;
  /** Role inside Vault. @default "auth-role-operator" */
  readonly roleName?: string;
  /** Name of the service account that is made for it. @default "demo-operator" */
  readonly serviceAccountName?: string;
}

/** Labels and names of the chart's objects derive from it. */
const releaseName = "vault-secrets-operator";

/**
 * The Vault Secrets Operator from its official chart, with the connection for login methods that name none, and a
 * client cache that is encrypted by Vault.
 *
 * There can be only one in a cluster: it watches every namespace, and its custom resource definitions are cluster-wide.
 * Connection and login method are resources of this component instead of the chart's, because they carry finalizers:
 * they must be gone before the operator is.
 * @example
 * new SecretsOperator("vault-secrets-operator", { kubeContext, namespace, vaultAddress, clientCache }, options);
 */
export class SecretsOperator extends pulumi.ComponentResource implements OperatorHandle {
  /** Context of the kubeconfig. */
  public readonly kubeContext: string;
  /** The chart, which must outlive the custom resources. */
  public readonly installed: readonly pulumi.Resource[];
  /** The default connection. */
  public readonly connection: VaultConnection;

  public constructor(name: string, args: SecretsOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:SecretsOperator", name, {}, componentOptions(opts));
    const { namespace, clientCache, tls } = args;
    const inCluster = { parent: this, dependsOn: [namespace] };
    this.kubeContext = args.kubeContext;
    const chart = new k8s.helm.v4.Chart(
      name,
      {
        ...chartReference(args.chart ?? charts.secretsOperator),
        name: releaseName,
        namespace: namespace.metadata.name,
        values: chartValues(args),
        // Otherwise all objects would be created at once, and the operator would fail until it has its permissions.
        postRenderer: { command: "node", args: [fileURLToPath(new URL("order-manifests.ts", import.meta.url))] },
      },
      inCluster,
    );
    this.installed = [chart];
    this.connection = new VaultConnection(
      `${name}-default`,
      {
        // The one used by login methods that name none.
        objectName: "default",
        operator: this,
        namespace: namespace.metadata.name,
        vaultAddress: args.vaultAddress,
        ...(tls !== undefined && { tls }),
      },
      // The operator waits longer after each failure, so the connection is created only once Vault serves.
      { parent: this, ...(opts?.dependsOn && { dependsOn: opts.dependsOn }) },
    );
    createCacheLogin(
      name,
      { ...clientCache, namespace, connection: this.connection, inCluster },
      childOptions(this, opts),
    );
    this.registerOutputs({});
  }
}

interface CacheLogin extends ClientCache {
  readonly namespace: k8s.core.v1.Namespace;
  readonly connection: VaultConnection;
  readonly inCluster: { readonly parent: pulumi.Resource; readonly dependsOn: pulumi.Resource[] };
}

/** The identity under which the operator encrypts its cache: an account, policy and role of its own. */
function createCacheLogin(name: string, login: CacheLogin, insideVault: pulumi.CustomResourceOptions): void {
  const {
    key,
    auth,
    roleName = "auth-role-operator",
    serviceAccountName = "demo-operator",
    namespace,
    inCluster,
  } = login;
  const labels = standardLabels({ name: serviceAccountName, instance: serviceAccountName, component: "identity" });
  const serviceAccount = new k8s.core.v1.ServiceAccount(
    `${name}-account`,
    {
      metadata: { name: serviceAccountName, namespace: namespace.metadata.name, labels },
      automountServiceAccountToken: false,
    },
    inCluster,
  );
  const policy = new Policy(`${name}-cache`, { rules: key.rules }, insideVault);
  const vaultLogin = auth.addRole(roleName, {
    serviceAccounts: [serviceAccount],
    audience: "vault",
    policies: [policy],
    lifetime: { kind: "ttl", ttl: "24h" },
  });
  new VaultAuth(
    `${name}-cache`,
    {
      // The name that the chart would give it.
      objectName: `${releaseName}-default-transit-auth`,
      connection: login.connection,
      method: { kind: "kubernetes", login: vaultLogin, serviceAccount },
      storageEncryption: { mount: key.mount, keyName: key.keyName },
    },
    { parent: inCluster.parent },
  );
}

function chartReference(source: ChartSource): Pick<k8s.helm.v4.ChartArgs, "chart" | "version" | "repositoryOpts"> {
  if (source.kind === "path") return { chart: source.path };
  return { chart: releaseName, version: source.version, repositoryOpts: { repo: source.url } };
}

function chartValues({ serviceMonitor = false }: SecretsOperatorArgs): object {
  return {
    // The chart's own setting would also create the login method, without controlling when it may be deleted.
    controller: { manager: { extraArgs: ["--client-cache-persistence-model=direct-encrypted"] } },
    defaultVaultConnection: { enabled: false },
    telemetry: { serviceMonitor: { enabled: serviceMonitor } },
  };
}
