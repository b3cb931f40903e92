import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { usualPorts } from "../../cluster/cluster-ports.ts";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { fault, hidden, rejectFaults } from "../../../shared/errors.ts";
import { skipAwait } from "../../../shared/labels.ts";
import { isSize, type Size } from "../../../shared/units.ts";
import { images } from "../../../shared/versions.ts";
import { createClusterObjects } from "./cluster-objects.ts";
import type { ListenerCertificate } from "../certificate/listener-certificate.ts";
import type { NetworkAccess } from "./network-policy.ts";
import { devTokenKey, type ServerResources } from "./pod-template.ts";
import { sealFiles, sealingFaults, sealPodParts, type Sealing } from "../seal/seal-config.ts";
import { renderServerConfig } from "./server-config.ts";
import { clientServiceSpec, headlessServiceSpec } from "./service-specs.ts";
import { podsFingerprint, renderStatefulSetSpec, type StatefulSetSpecArgs } from "./stateful-set-spec.ts";
import { apiPort, topologyFacts, topologyFaults, type Topology, type TopologyFacts } from "./topology.ts";
import { versionFaults, versionOfImage } from "./vault-version.ts";

/** What describes a Vault server. */
export interface VaultServerArgs {
  /** Number of servers and their storage. A different kind is a different Vault: nothing is carried over. */
  readonly topology: Topology;
  /**
   * Namespace, which the caller creates, since the data lives as long as it does. Plain, because DNS names derive from
   * it.
   */
  readonly namespace: string;
  /** Certificate of the listener. A raft topology needs one, others take none. */
  readonly certificate?: ListenerCertificate;
  /** What keeps the root key. Fixed at initialisation, unless it is migrated. @default - shamir */
  readonly sealing?: Sealing;
  /** Image with the binary at `/bin/vault`. Changing it restarts the pods. @default images.vault */
  readonly image?: string;
  /** Version of Vault that the image holds. @default - from its tag, if that is exactly a version of Vault */
  readonly version?: string;
  /** Size of the volume for the audit log; a full one stops Vault. @default "10Gi" */
  readonly auditStorageSize?: Size;
  /** Storage class of all volumes. @default - the cluster's default class */
  readonly storageClass?: string | undefined;
  /** Node port that leads to Vault. @default - none: the Service is reachable only in the cluster */
  readonly nodePort?: number | undefined;
  /** What a cluster of servers may reach; a single server has no policy. @default - the usual ports of a cluster */
  readonly network?: NetworkAccess;
  /** Requests and limits of the Vault container. @default - 100m and 256Mi, limited to 1 CPU and 512Mi */
  readonly resources?: ServerResources;
}

const defaultSealing: Sealing = { seal: { kind: "shamir" }, previousSeal: null };

const defaultNetwork: NetworkAccess = { kind: "enforced", ports: usualPorts };

const defaultResources: ServerResources = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1", memory: "512Mi" },
};

/**
 * The root token of the development server. It protects nothing: that server is open to whoever reaches it, by design.
 */
export const devRootToken = "root";

/**
 * A Vault server on Kubernetes, sealed and empty until someone initialises it:
 *
 * - a StatefulSet with a volume for the data and one for the audit log, its configuration, a service account;
 * - the permission to review tokens (`system:auth-delegator`), which Kubernetes auth needs;
 * - a Service for clients and a headless one for the pods;
 * - with a raft topology also Services for the leader and the standbys, and a disruption budget.
 *
 * It does not wait for readiness, which a sealed Vault never reaches, and it does not initialise or unseal.
 * The volumes outlive the StatefulSet and are deleted with the namespace. Give it `dependsOn` the namespace.
 * @example
 * const topology = { kind: "standalone", storageSize: "10Gi" } as const;
 * new VaultServer("vault", { topology, namespace: "vault" }, { provider: cluster, dependsOn: [namespace] });
 */
export class VaultServer extends pulumi.ComponentResource {
  /** Everything derived from the topology. */
  public readonly facts: TopologyFacts;
  /** Name of the StatefulSet; resolves once it exists. For the development server: once it serves. */
  public readonly statefulSetName: pulumi.Output<string>;
  /** PEM bundle that the listener is verified with; null when it speaks plain HTTP. */
  public readonly caCertificate: pulumi.Output<string> | null;
  /** What keeps the root key, and what it is migrated from. */
  public readonly sealing: Sealing;
  /** Whether a network policy restricts what the servers may reach: anything not named in it is blocked. */
  public readonly egressLimited: boolean;
  /** Version of Vault, as given or from the tag of its image; null if neither gives it. */
  public readonly version: string | null;
  /** Changes when the pods restart, which leaves them sealed; the unseal depends on it. */
  public readonly podsFingerprint: string;
  /** Namespace it is in; resolves once that exists. */
  public readonly namespace: pulumi.Output<string>;
  /** Address of the API inside the cluster. */
  public readonly internalAddress: pulumi.Output<string>;
  /** Address of the leader's API inside the cluster; the same address where there is just one server. */
  public readonly activeAddress: pulumi.Output<string>;
  /** Node port that leads to Vault; an output of undefined when there is none. */
  public readonly nodePort: pulumi.Output<number | undefined>;

  public constructor(name: string, args: VaultServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:VaultServer", name, {}, componentOptions(opts));
    rejectFaults(this, vaultServerFaults(args));
    const facts = topologyFacts(args.topology, { name, namespace: args.namespace });
    const build: Build = { name, args, facts, child: childOptions(this, opts) };

    const account = createAccount(build);
    const configMap = createConfigMap(build);
    const devToken = createDevToken(build);
    const headless = new k8s.core.v1.Service(
      `${name}-internal`,
      { metadata: unawaited(objectMeta(build, facts.headlessService)), spec: headlessServiceSpec(facts) },
      build.child,
    );
    const spec = renderStatefulSetSpec({
      ...plainSpec(build),
      serviceAccount: account.metadata.name,
      configMap: configMap?.metadata.name ?? null,
      devTokenSecret: devToken?.metadata.name ?? null,
      certificate: args.certificate?.files ?? null,
      headlessService: headless.metadata.name,
    });
    const metadata = objectMeta(build, name);
    const statefulSet = new k8s.apps.v1.StatefulSet(
      name,
      { metadata: facts.sealable ? unawaited(metadata) : metadata, spec },
      build.child,
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      { metadata: unawaited(objectMeta(build, facts.service)), spec: clientServiceSpec(facts, args.nodePort) },
      build.child,
    );
    const { namespace, network = defaultNetwork } = args;
    const active =
      args.topology.kind === "raft"
        ? createClusterObjects({ name, namespace, facts, serviceAccount: account.metadata.name, network }, build.child)
        : service;

    this.facts = facts;
    this.namespace = service.metadata.namespace;
    this.caCertificate = args.certificate?.caCertificate ?? null;
    this.sealing = args.sealing ?? defaultSealing;
    this.egressLimited = facts.egressLimited && network.kind === "enforced";
    this.version = args.version ?? versionOfImage(args.image ?? images.vault);
    this.podsFingerprint = podsFingerprint(plainSpec(build));
    this.statefulSetName = statefulSet.metadata.name;
    this.internalAddress = serviceAddress(facts, service);
    this.activeAddress = serviceAddress(facts, active);
    this.nodePort = service.spec.ports.apply(([port]) => port?.nodePort);
    this.registerOutputs({ internalAddress: this.internalAddress, nodePort: this.nodePort });
  }
}

/** Every fault of a server's arguments. */
export function vaultServerFaults(args: VaultServerArgs): string[] {
  const sizes = [
    ...("storageSize" in args.topology ? ([["topology.storageSize", args.topology.storageSize]] as const) : []),
    ...(args.auditStorageSize === undefined ? [] : ([["auditStorageSize", args.auditStorageSize]] as const)),
  ];
  const sizeFaults = sizes
    .filter(([, size]) => !isSize(size))
    .map(([path, size]) => fault(path, "must be a positive whole number and a binary unit", size, "write it as 10Gi"));
  const { image = images.vault, version } = args;
  const saidFaults = version === undefined ? [] : versionFaults("version", image, version);
  return [
    ...sizeFaults,
    ...saidFaults,
    ...topologyFaults(args.topology),
    ...certificateFaults(args),
    ...serverSealFaults(args),
  ];
}

function certificateFaults({ topology, certificate }: VaultServerArgs): string[] {
  if ((topology.kind === "raft") === (certificate !== undefined)) return [];
  return topology.kind === "raft"
    ? [fault("certificate", "must be given for a raft topology", undefined, "make a ListenerCertificate")]
    : [fault("certificate", `must not be given for a ${topology.kind} topology`, hidden, "leave it out")];
}

function serverSealFaults({ topology, sealing = defaultSealing }: VaultServerArgs): string[] {
  if (topology.kind === "in-memory" && sealing.seal.kind !== "shamir") {
    const { kind } = sealing.seal;
    return [fault("sealing.seal.kind", "must be shamir for the development server", kind, "it keeps nothing")];
  }
  return sealingFaults(sealing).map((text) => `sealing.${text}`);
}

/** Resolves once the Service exists. */
function serviceAddress({ scheme }: TopologyFacts, { metadata }: k8s.core.v1.Service): pulumi.Output<string> {
  return pulumi.interpolate`${scheme}://${metadata.name}.${metadata.namespace}.svc:${apiPort}`;
}

/** What the functions below share. */
interface Build {
  readonly name: string;
  readonly args: VaultServerArgs;
  readonly facts: TopologyFacts;
  readonly child: pulumi.CustomResourceOptions;
}

function objectMeta({ args, facts }: Build, name: string): k8s.types.input.meta.v1.ObjectMeta {
  return { name, namespace: args.namespace, labels: facts.labels };
}

function createAccount(build: Build): k8s.core.v1.ServiceAccount {
  const { name, args, facts, child } = build;
  const { accountAnnotations } = sealPodParts(args.sealing ?? defaultSealing);
  const annotations = Object.keys(accountAnnotations).length === 0 ? {} : { annotations: accountAnnotations };
  const metadata = { ...objectMeta(build, name), ...annotations };
  const account = new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata }, child);
  new k8s.rbac.v1.ClusterRoleBinding(
    `${name}-token-review`,
    {
      // Cluster-wide, so the namespace is part of the name.
      metadata: { name: `${args.namespace}-${name}-server-binding`, labels: facts.labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" },
      subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: args.namespace }],
    },
    child,
  );
  return account;
}

/**
 * The configuration under a name that contains its hash: a change makes a new object, and the old pod keeps the old
 * one. The name in the program contains it too: if a change fails and is reverted, the old object is still there.
 */
function createConfigMap(build: Build): k8s.core.v1.ConfigMap | null {
  const config = serverConfig(build);
  if (config === null) return null;
  return new k8s.core.v1.ConfigMap(
    config.objectName,
    { metadata: objectMeta(build, config.objectName), immutable: true, data: config.files },
    // The name in stacks that were created before the name in the program contained the hash.
    pulumi.mergeOptions(build.child, { aliases: [{ name: `${build.name}-config` }] }),
  );
}

function serverConfig({ name, args, facts }: Build): ServerConfig | null {
  const { topology, sealing = defaultSealing } = args;
  const text = renderServerConfig({ topology, sealing, facts });
  if (text === null) return null;
  const files = { "server.hcl": text, ...sealFiles(sealing) };
  const digest = createHash("sha256").update(Object.values(files).join("\0")).digest("hex").slice(0, 8);
  return { objectName: `${name}-config-${digest}`, files };
}

/** The server's configuration in the form of a ConfigMap. */
interface ServerConfig {
  readonly objectName: string;
  readonly files: Readonly<Record<string, string>>;
}

function createDevToken(build: Build): k8s.core.v1.Secret | null {
  const objectName = devTokenName(build);
  if (objectName === null) return null;
  return new k8s.core.v1.Secret(
    objectName,
    { metadata: objectMeta(build, objectName), stringData: { [devTokenKey]: pulumi.secret(devRootToken) } },
    build.child,
  );
}

function devTokenName({ name, facts }: Build): string | null {
  return facts.sealable ? null : `${name}-dev-token`;
}

/** The StatefulSet's arguments with plain names: known before anything exists. */
function plainSpec(build: Build): StatefulSetSpecArgs {
  const { name, args, facts } = build;
  return {
    facts,
    image: args.image ?? images.vault,
    resources: args.resources ?? defaultResources,
    sealing: args.sealing ?? defaultSealing,
    serviceAccount: name,
    configMap: serverConfig(build)?.objectName ?? null,
    devTokenSecret: devTokenName(build),
    certificate: args.certificate?.plainFiles ?? null,
    headlessService: facts.headlessService,
    auditStorageSize: args.auditStorageSize ?? "10Gi",
    storageClass: args.storageClass,
  };
}

/** Annotated so that Pulumi does not wait for readiness, which a sealed Vault cannot reach. */
function unawaited(metadata: k8s.types.input.meta.v1.ObjectMeta): k8s.types.input.meta.v1.ObjectMeta {
  return { ...metadata, annotations: skipAwait };
}
