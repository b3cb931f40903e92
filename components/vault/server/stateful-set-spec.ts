import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Size } from "../../../shared/units.ts";
import { renderPodTemplate, type PodTemplateArgs } from "./pod-template.ts";

/** What the StatefulSet of a Vault is made from. */
export interface StatefulSetSpecArgs extends PodTemplateArgs {
  /** Headless Service that gives the pods their names. */
  readonly headlessService: pulumi.Input<string>;
  /** Size of the volume for the audit log. */
  readonly auditStorageSize: Size;
  /** Storage class of all volumes; undefined is the cluster's default. */
  readonly storageClass: string | undefined;
}

/** Renders the StatefulSet of a Vault. */
export function renderStatefulSetSpec(args: StatefulSetSpecArgs): k8s.types.input.apps.v1.StatefulSetSpec {
  const { facts } = args;
  return {
    replicas: facts.replicas,
    serviceName: args.headlessService,
    selector: { matchLabels: facts.selector },
    // With the ordered policy the controller waits for a pod that is sealed, hence unready, and rolls nothing out.
    podManagementPolicy: "Parallel",
    updateStrategy: { type: facts.updateStrategy },
    template: renderPodTemplate(args),
    ...storage(args),
  };
}

/**
 * Fingerprint of everything that makes the pods start anew when it changes: their template, and the parts of the
 * StatefulSet that Kubernetes cannot change in place.
 * @param args What the StatefulSet is made from, with plain names.
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
    // A StatefulSet may be replaced, and a volume gone with it would be Vault itself lost. The namespace takes both away.
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    volumeClaimTemplates: [claim("data", facts.storageSize), claim("audit", auditStorageSize)],
  };
}
