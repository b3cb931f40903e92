import { stringify } from "yaml";
import { run } from "../command.ts";
import { kubeconfigFile } from "../paths.ts";
import { withoutProxy } from "./network.ts";
import { clientUsers, kubeletClientUser } from "./credentials.ts";

/** The name by which the storage class calls on our provisioner. */
export const volumeProvisioner = "vaultstack.local/volumes";

/**
 * Applies the objects without which the sandbox's own services may not read the cluster and claims get no volume.
 * @param kubernetes Path of the Kubernetes binary.
 */
export async function applyClusterObjects(kubernetes: string): Promise<void> {
  const documents = clusterObjects.map((object) => stringify(object)).join("---\n");
  await run(
    [kubernetes, "kubectl", `--kubeconfig=${kubeconfigFile}`, "apply", "--server-side", "--validate=false", "-f", "-"],
    { input: documents, env: { ...process.env, ...withoutProxy() } },
  );
}

const clusterObjects = [
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: volumeProvisioner,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: clientUsers.dns.name },
    rules: [
      { apiGroups: [""], resources: ["services", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ],
  },
  binding(clientUsers.dns.name, clientUsers.dns.name),
  binding("system:persistent-volume-provisioner", clientUsers.volumes.name),
  // Logs, exec and port-forward are calls of the API server to the kubelet.
  binding("system:kubelet-api-admin", kubeletClientUser),
];

function binding(role: string, user: string): object {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: user },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  };
}
