import type { DraftObject } from "../../shared/property.ts";
import { groupOf, type GroupVersionKind } from "./type-token.ts";

/** Which contents the provider may change in place although consumers often read them only once. */
export interface Mutability {
  /** Update ConfigMaps instead of replacing them. */
  readonly configMaps: boolean;
  /** Update Secrets instead of replacing them. */
  readonly secrets: boolean;
}

/**
 * Paths of the fields whose change needs a new object, as the official provider has them: a fixed table, by kind.
 * `[*]` stands for any element. A field the API refuses to change but that is not listed fails the update instead.
 */
export function replacingPaths(kind: GroupVersionKind, object: DraftObject, mutability: Mutability): readonly string[] {
  return [...identity, ...contentPaths(kind, object, mutability)];
}

/** Whether a change at a path of the engine's notation falls on, or around, a replacing path. */
export function isReplacing(path: string, replacing: readonly string[]): boolean {
  const general = path.replace(/\[\d+\]/g, "[*]");
  return replacing.some((pattern) => isWithin(general, pattern) || isWithin(pattern, general));
}

const identity = ["metadata.name", "metadata.namespace"];

function contentPaths(
  { apiVersion, kind }: GroupVersionKind,
  object: DraftObject,
  mutability: Mutability,
): readonly string[] {
  const frozen = object["immutable"] === true;
  if (apiVersion === "v1" && kind === "Secret")
    return mutability.secrets && !frozen ? ["type"] : ["type", "stringData", "data"];
  if (apiVersion === "v1" && kind === "ConfigMap")
    return mutability.configMaps && !frozen ? [] : ["binaryData", "data"];
  return fixedPaths[`${groupOf(apiVersion)}/${kind}`] ?? [];
}

const podTemplatePaths = [
  ...["affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases"],
  ...["hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName", "nodeSelector", "overhead"],
  ...["preemptionPolicy", "priority", "priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName"],
  ...["schedulerName", "securityContext", "serviceAccount", "serviceAccountName", "shareProcessNamespace"],
  ...["subdomain", "terminationGracePeriodSeconds", "volumes"],
].map((field) => `spec.${field}`);

const containerPaths = ["containers", "initContainers"].flatMap((list) =>
  [
    ...["args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports", "readinessProbe"],
    ...["resources", "securityContext", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy"],
    ...["tty", "volumeDevices", "volumeMounts", "workingDir"],
  ].map((field) => `spec.${list}[*].${field}`),
);

const volumeSources = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"],
  ...["gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk"],
  ...["portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"],
].map((source) => `spec.${source}`);

const fixedPaths: Readonly<Record<string, readonly string[]>> = {
  "/PersistentVolume": volumeSources,
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/Pod": [...podTemplatePaths, ...containerPaths],
  "/ResourceQuota": ["spec.scopes"],
  "/Service": ["spec.clusterIP"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}.`) || path.startsWith(`${ancestor}[`);
}
