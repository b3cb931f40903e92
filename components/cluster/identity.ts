import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../../shared/labels.ts";

/** A namespace that the stack creates, and deletes with everything in it. */
export function createNamespace(
  name: string,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = standardLabels({ name: namespace, instance: namespace, component: "namespace" });
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels } }, opts);
}

/** The service account of a workload: its identity in Kubernetes, and through a role in Vault. */
export function createIdentity(
  name: string,
  namespace: k8s.core.v1.Namespace,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ServiceAccount {
  const labels = standardLabels({ name, instance: name, component: "identity" });
  const metadata = { name, namespace: namespace.metadata.name, labels };
  return new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, opts);
}
