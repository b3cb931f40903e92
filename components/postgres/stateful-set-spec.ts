import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import type { Size } from "../../shared/units.ts";
import { renderPostgresPod, type PostgresPodArgs } from "./pod-template.ts";

/** What the StatefulSet of a Postgres server is built from. */
export interface PostgresStatefulSetArgs extends PostgresPodArgs {
  /** Labels that pick the pod. */
  readonly selector: Readonly<Record<string, string>>;
  /** Service that leads to the pod. */
  readonly service: string;
  /** Size of the volume. */
  readonly storageSize: Size;
  /** Storage class of the volume; undefined for the cluster's default. */
  readonly storageClass: string | undefined;
}

/** Renders the StatefulSet of a Postgres server. */
export function renderPostgresStatefulSet(args: PostgresStatefulSetArgs): k8s.types.input.apps.v1.StatefulSetSpec {
  return {
    replicas: 1,
    serviceName: args.service,
    selector: { matchLabels: args.selector },
    template: renderPostgresPod(args),
    // A StatefulSet may be replaced, and its data must not be deleted with it. Deleting the namespace deletes both.
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    volumeClaimTemplates: [
      {
        metadata: { name: "data", labels: args.selector },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: args.storageSize } },
          ...(args.storageClass !== undefined && { storageClassName: args.storageClass }),
        },
      },
    ],
  };
}

/**
 * Fingerprint of everything whose change restarts the pod.
 * @param args What the StatefulSet is built from, resolved.
 * @returns 16 hexadecimal digits.
 */
export function podsFingerprint(args: object): string {
  return createHash("sha256").update(JSON.stringify(args)).digest("hex").slice(0, 16);
}
