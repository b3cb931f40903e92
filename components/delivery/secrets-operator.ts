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

/** The Vault Secrets Operator and its way to Vault. */
export interface SecretsOperatorArgs {
  /** Context of the kubeconfig, for looking at what the operator did. */
  readonly kubeContext: string;
  /** The operator's own namespace. */
  readonly namespace: k8s.core.v1.Namespace;
  /** The official chart. @default charts.secretsOperator, the one tested */
  readonly chart?: ChartSource;
  /** Address of Vault inside the cluster. */
  readonly vaultAddress: pulumi.Input<string>;
  /** How Vault's certificate is verified. @default - Vault speaks plain HTTP */
  readonly tls?: VaultConnectionArgs["tls"];
  /** Encrypts what the operator keeps across restarts: its tokens for Vault, and with them the leases of its secrets. */
  readonly clientCache: ClientCache;
  /** Whether Prometheus is told to scrape the operator; needs the definitions of its operator. @default false */
  readonly serviceMonitor?: boolean;
}

/** What encrypts the operator's cache, and as whom the operator asks for it. */
export interface ClientCache {
  readonly key: TransitKey;
  /** Where the operator's tokens are reviewed. */
  readonly auth: KubernetesAuth;
  /** Role inside Vault. @default "auth-role-operator" */
  readonly roleName?: string;
  /** Name of the service account that is made for it. @default "demo-operator" */
  readonly serviceAccountName?: string;
}

/** Labels and names of what the chart makes derive from it. */
const releaseName = "vault-secrets-operator";

/**
 * The Vault Secrets Operator by its official chart, with the connection that login methods use which name none, and a
 * client cache that is encrypted by Vault.
 *
 * There can be one in a cluster: it looks at every namespace, and its definitions are the cluster's. Connection and login
 * method are resources of this component instead of the chart's, because they carry finalizers: they must be gone before the
 * operator is.
 * @example new SecretsOperator("vault-secrets-operator", { kubeContext, namespace, vaultAddress, clientCache }, options);
 */
export class SecretsOperator extends pulumi.ComponentResource implements OperatorHandle {
  /** Context of the kubeconfig. */
  public readonly kubeContext: string;
  /** The chart, for what must outlive its custom resources. */
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
        // All objects would be made at once, and the operator would fail until it may do its work.
        postRenderer: { command: "node", args: [fileURLToPath(new URL("order-manifests.ts", import.meta.url))] },
      },
      inCluster,
    );
    this.installed = [chart];
    this.connection = new VaultConnection(
      `${name}-default`,
      {
        // The one that login methods use which name none.
        objectName: "default",
        operator: this,
        namespace: namespace.metadata.name,
        vaultAddress: args.vaultAddress,
        ...(tls !== undefined && { tls }),
      },
      // The operator waits longer after each failure, so it is asked once Vault serves.
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

/** As whom the operator encrypts its cache: an account, policy and role of its own. */
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
      // As the chart would call it.
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
    // By the chart's own setting the chart would also make the login method, without saying when it may go.
    controller: { manager: { extraArgs: ["--client-cache-persistence-model=direct-encrypted"] } },
    defaultVaultConnection: { enabled: false },
    telemetry: { serviceMonitor: { enabled: serviceMonitor } },
  };
}
