import * as pulumi from "@pulumi/pulumi";
import { connectKube } from "../../../kube/kube-client.ts";
import type { StatefulSet } from "../../../kube/kube-objects.ts";
import type { Size } from "../../../shared/units.ts";
import { volumeChange } from "../../../protocol/stops/cluster-stops.ts";
import { quickLook } from "../../../protocol/frame/quick-look.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";
import type { Topology } from "./topology.ts";

/** The volumes a program asks for. */
export interface WantedVolumes {
  /** Whose data volumes they are; a server in memory has none. */
  readonly topology: Topology;
  /** Size of the volume for the audit log. */
  readonly auditStorageSize: Size;
  /** Storage class; undefined is the cluster's default, whatever that was. */
  readonly storageClass: string | undefined;
}

/**
 * Ends the run when the program asks for volumes that differ from the existing ones.
 *
 * Must come before the StatefulSet is declared. Its claim templates cannot be changed, so the engine would delete it
 * with all its pods and create another, which finds the old volumes and takes them as they are: an outage for nothing.
 * Where the StatefulSet does not exist or cannot be read, the run goes on.
 * @throws {pulumi.RunError} With the way out, when they differ.
 */
export async function requireSameVolumes(target: VaultTarget, wanted: WantedVolumes): Promise<void> {
  const found = await quickLook(async () =>
    (await connectKube(target.kubeContext)).readStatefulSet(target.namespace, target.statefulSet),
  );
  const differences = found == null ? [] : volumeDifferences(found, wanted);
  if (differences.length === 0) return;
  throw new pulumi.RunError(volumeChange(target, differences).message);
}

/**
 * Compares the claim templates of a StatefulSet with the volumes asked for. A volume that only one of them has means a
 * different kind of server, which this comparison does not cover.
 */
export function volumeDifferences(found: StatefulSet, wanted: WantedVolumes): string[] {
  const { topology, auditStorageSize, storageClass } = wanted;
  if (!("storageSize" in topology)) return [];
  const sizes = { data: topology.storageSize, audit: auditStorageSize };
  return Object.entries(sizes).flatMap(([name, asked]) => {
    const spec = found.spec?.volumeClaimTemplates?.find(({ metadata }) => metadata?.name === name)?.spec;
    if (spec === undefined) return [];
    const size = spec.resources?.requests?.["storage"];
    const current = spec.storageClassName;
    return [
      ...(size === asked ? [] : [`the volume ${name} has ${size ?? "no size"}, while ${asked} is asked for`]),
      ...(storageClass === undefined || current === undefined || current === storageClass
        ? []
        : [`the volume ${name} is of the class ${current}, while ${storageClass} is asked for`]),
    ];
  });
}
