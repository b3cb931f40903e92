import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Size } from "../../../shared/units.ts";
import { renderPodTemplate, type PodTemplateArgs } from "./pod-template.ts";

/** What the StatefulSet of a Vault is built from. */
export interface StatefulSetSpecArgs extends PodTemplateArgs {
  /** Headless Service that gives the pods their names. */
  readonly headlessService: pulumi.Input<string>;
  /** Size of the volume for the audit log. */
  readonly auditStorageSize: Size;
  /** Storage class of all volumes; undefined for the cluster's default. */
  readonly storageClass: string | undefined;
}

/** Renders the StatefulSet of a Vault. */
export function renderStatefulSetSpec(args: StatefulSetSpecArgs): k8s.types.input.apps.v1.StatefulSetSpec {
  const { facts } = args;
  return {
    replicas: facts.replicas,
    serviceName: args.headlessService,
    selector: { matchLabels: facts.selector },
    // With the OrderedReady policy the controller would wait for a pod that is sealed, hence unready, and roll out
    // nothing.
    podManagementPolicy: "Parallel",
    updateStrategy: { type: facts.updateStrategy },
    template: renderPodTemplate(args),
    ...storage(args),
  };
}

/**
 * Fingerprint of everything whose change restarts the pods: their template, and the parts of the StatefulSet that
 * Kubernetes cannot change in place.
 * @param args What the StatefulSet is built from, with plain names.
 * @returns 16 hexadecimal digits.
 */
export function podsFingerprint(args: StatefulSetSpecArgs): string {
  return createHash("sha256")
    .update(JSON.stringify(renderStatefulSetSpec(args)))
    .digest("hex")
    .slice(0, 16);
}

type Storage = Pick<
  k8s.types.input.apps.v1.StatefulSetSpec,
  "persistentVolumeClaimRetentionPolicy" | "volumeClaimTemplates"
>;

function storage({ facts, auditStorageSize, storageClass }: StatefulSetSpecArgs): Storage {
  if (facts.storageSize === null) return {};
  const claim = (name: string, size: Size): k8s.types.input.core.v1.PersistentVolumeClaim => ({
    metadata: { name, labels: facts.selector },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: size } },
      ...(storageClass !== undefined && { storageClassName: storageClass }),
    },
  });
  return {
    // A StatefulSet may be replaced, and if a volume were deleted with it, Vault itself would be lost. Deleting the
    // namespace deletes both.
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    volumeClaimTemplates: [claim("data", facts.storageSize), claim("audit", auditStorageSize)],
  };
}
