import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { restrictedContainer } from "../../shared/restricted-container.ts";
import { reloadContainer } from "../certificate/certificate-reload.ts";
import { sealPodParts, type Sealing } from "../seal/seal-config.ts";
import { certificateFiles, serverPaths } from "./server-config.ts";
import { apiPort, clusterPort, type TopologyFacts } from "./topology.ts";

/** Computing resources of one Vault container. */
export interface ServerResources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/** What the pods of a Vault are built from. */
export interface PodTemplateArgs {
  readonly facts: TopologyFacts;
  readonly image: string;
  readonly resources: ServerResources;
  /** Service account that reviews the tokens of workloads. */
  readonly serviceAccount: pulumi.Input<string>;
  /** ConfigMap with the server's configuration; null runs the development server. */
  readonly configMap: pulumi.Input<string> | null;
  /** What keeps the root key. */
  readonly sealing: Sealing;
  /** Secret with the root token of the development server; null runs the real one. */
  readonly devTokenSecret: pulumi.Input<string> | null;
  /** Certificate of the listener; null means plain HTTP. */
  readonly certificate: CertificateVolume | null;
}

/** Where the files of the listener's certificate come from. Their content is not part of the pods: it is reloaded. */
export interface CertificateVolume {
  /** Secret with certificate and key. */
  readonly secret: pulumi.Input<string>;
  /** Secret with the trusted authorities; the same one unless they come from elsewhere. */
  readonly authoritySecret: pulumi.Input<string>;
}

/** Key of the development server's root token in its Secret. */
export const devTokenKey = "token";

// The numbers of the `vault` user and group in the official image; a name would not satisfy runAsNonRoot.
const vaultUser = 100;
const vaultGroup = 1000;

/** Renders the template of Vault's pods: an unprivileged container on a read-only file system. */
export function renderPodTemplate(args: PodTemplateArgs): k8s.types.input.core.v1.PodTemplateSpec {
  const { labels } = sealPodParts(args.sealing);
  return { metadata: { labels: { ...args.facts.labels, ...labels } }, spec: podSpec(args) };
}

function podSpec(args: PodTemplateArgs): k8s.types.input.core.v1.PodSpec {
  return {
    serviceAccountName: args.serviceAccount,
    // On SIGTERM, Vault steps down and closes its storage; it usually takes 10 s, and 30 s is the limit.
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: vaultUser,
      runAsGroup: vaultGroup,
      fsGroup: vaultGroup,
      // Otherwise volumes with many files would be traversed at every start.
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...placement(args.facts),
    ...reload(args),
    volumes: [
      { name: "home", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
      ...(takesSnapshots(args.facts) ? [{ name: "scratch", emptyDir: {} }] : []),
      ...(args.configMap === null ? [] : [{ name: "config", configMap: { name: args.configMap } }]),
      ...(args.certificate === null ? [] : [certificateVolume(args.certificate), accountVolume]),
      ...sealPodParts(args.sealing).volumes,
    ],
  };
}

/**
 * With a certificate, a second container makes Vault reload it; only the first one gets the service account's token.
 */
function reload(
  args: PodTemplateArgs,
): Pick<k8s.types.input.core.v1.PodSpec, "containers" | "shareProcessNamespace" | "automountServiceAccountToken"> {
  if (args.certificate === null) return { containers: [vaultContainer(args)] };
  const { image } = args;
  return {
    shareProcessNamespace: true,
    automountServiceAccountToken: false,
    containers: [vaultContainer(args), reloadContainer({ image, serverCommand: serverCommand(args) })],
  };
}

/** Both Secrets in one folder, which the kubelet replaces as a whole. */
function certificateVolume({ secret, authoritySecret }: CertificateVolume): k8s.types.input.core.v1.Volume {
  const file = (name: string) => ({ key: name, path: name });
  const { certificate, privateKey, authority } = certificateFiles;
  return {
    name: "tls",
    projected: {
      defaultMode: 0o440,
      sources: [
        { secret: { name: secret, items: [file(certificate), file(privateKey)] } },
        { secret: { name: authoritySecret, items: [file(authority)] } },
      ],
    },
  };
}

/** What the API server would mount into every container. */
const accountVolume: k8s.types.input.core.v1.Volume = {
  name: "account",
  projected: {
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
    ],
  },
};

/** Keeps the loss of one machine, or of one zone, from taking down more servers than necessary. */
function placement({
  spread,
  selector,
}: TopologyFacts): Pick<k8s.types.input.core.v1.PodSpec, "affinity" | "topologySpreadConstraints"> | undefined {
  if (spread === null) return undefined;
  const apart = { labelSelector: { matchLabels: selector }, topologyKey: "kubernetes.io/hostname" };
  return {
    affinity: {
      podAntiAffinity:
        spread === "required"
          ? { requiredDuringSchedulingIgnoredDuringExecution: [apart] }
          : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: apart }] },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selector },
      },
    ],
  };
}

function vaultContainer(args: PodTemplateArgs): k8s.types.input.core.v1.Container {
  const { facts, image, resources } = args;
  return {
    name: "vault",
    image,
    imagePullPolicy: "IfNotPresent",
    command: serverCommand(args),
    env: environment(args),
    ports: [
      { name: facts.scheme, containerPort: apiPort },
      { name: "internal", containerPort: clusterPort },
    ],
    resources,
    securityContext: restrictedContainer,
    // Every unseal waits for one probe period.
    readinessProbe: healthProbe(facts, facts.readinessQuery, { periodSeconds: 2, failureThreshold: 3 }),
    // A restart cannot help a sealed or uninitialised server.
    livenessProbe: healthProbe(facts, "?standbyok=true&perfstandbyok=true&sealedcode=204&uninitcode=204", {
      initialDelaySeconds: 30,
      periodSeconds: 10,
      failureThreshold: 6,
    }),
    volumeMounts: [
      { name: "home", mountPath: "/home/vault" },
      ...(takesSnapshots(facts) ? [{ name: "scratch", mountPath: "/tmp" }] : []),
      ...(args.configMap === null ? [] : [{ name: "config", mountPath: serverPaths.config, readOnly: true }]),
      ...(facts.storageSize === null
        ? []
        : [
            { name: "data", mountPath: serverPaths.data },
            { name: "audit", mountPath: serverPaths.audit },
          ]),
      ...(args.certificate === null
        ? []
        : [
            { name: "tls", mountPath: serverPaths.tls, readOnly: true },
            { name: "account", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
          ]),
      ...sealPodParts(args.sealing).mounts,
    ],
  };
}

/** The servers of a cluster first write a snapshot that is being restored to a temporary file. */
function takesSnapshots({ standbyService }: TopologyFacts): boolean {
  return standbyService !== null;
}

/**
 * The binary by its path: the image's own entry point would change owners and capabilities, which this pod may not.
 */
function serverCommand({ configMap }: PodTemplateArgs): string[] {
  if (configMap !== null) return ["/bin/vault", "server", `-config=${serverPaths.config}`];
  return [
    "/bin/vault",
    "server",
    "-dev",
    // A mount that nobody declared would conflict with the one the stack declares.
    "-dev-no-kv",
    "-dev-no-store-token",
    `-dev-listen-address=0.0.0.0:${apiPort}`,
  ];
}

function environment({ devTokenSecret, facts, sealing }: PodTemplateArgs): k8s.types.input.core.v1.EnvVar[] {
  const home = { name: "HOME", value: "/home/vault" };
  const { env } = sealPodParts(sealing);
  if (facts.scheme === "https") return [home, ...memberEnvironment(facts), ...env];
  if (devTokenSecret === null) return [home, ...env];
  const token = { secretKeyRef: { name: devTokenSecret, key: devTokenKey } };
  return [home, { name: "VAULT_DEV_ROOT_TOKEN_ID", valueFrom: token }];
}

/**
 * The identity of a server in a cluster. Its name is that of its pod, and its addresses derive from it: both outlive
 * the pod's IP.
 */
function memberEnvironment({ headlessService }: TopologyFacts): k8s.types.input.core.v1.EnvVar[] {
  const field = (name: string, fieldPath: string): k8s.types.input.core.v1.EnvVar => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  const ownHost = `$(VAULT_K8S_POD_NAME).${headlessService}.$(VAULT_K8S_NAMESPACE).svc`;
  return [
    field("VAULT_K8S_POD_NAME", "metadata.name"),
    field("VAULT_K8S_NAMESPACE", "metadata.namespace"),
    { name: "VAULT_RAFT_NODE_ID", value: "$(VAULT_K8S_POD_NAME)" },
    { name: "VAULT_API_ADDR", value: `https://${ownHost}:${apiPort}` },
    { name: "VAULT_CLUSTER_ADDR", value: `https://${ownHost}:${clusterPort}` },
  ];
}

function healthProbe(
  { scheme }: TopologyFacts,
  query: string,
  timing: k8s.types.input.core.v1.Probe,
): k8s.types.input.core.v1.Probe {
  const action = { path: `/v1/sys/health${query}`, port: scheme, ...(scheme === "https" && { scheme: "HTTPS" }) };
  return { httpGet: action, timeoutSeconds: 3, ...timing };
}
