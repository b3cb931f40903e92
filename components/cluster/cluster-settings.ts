import type { ProviderArgs } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inClusterContext } from "../../kube/kubeconfig/in-cluster.ts";

/**
 * What a run may take over that belongs to somebody else: nothing; fields of the stack's own objects that somebody has
 * set since; or objects that exist already, with their fields.
 */
export type Taking = "nothing" | "fields" | "objects";

/**
 * Settings of the Kubernetes provider, all set explicitly: the SDK takes whatever is left out from the environment of
 * whoever runs the program, and two people would plan different changes.
 *
 * The kubeconfig comes from the environment, because only the person running the program knows where theirs is; the
 * context in it is named. The plugin reads the same kubeconfig with the same rules as this program, so both are the
 * same user of the same cluster.
 * @param context Context of the kubeconfig, or {@link inClusterContext}.
 * @param taking What this run may take over; the rest is refused.
 * @returns Arguments for the provider.
 */
export function clusterSettings(context: string, taking: Taking): ProviderArgs {
  return {
    // In a pod without a kubeconfig the plugin finds the service account by itself, unless a context is named.
    ...(context !== inClusterContext && { context }),
    // Set explicitly, because otherwise the SDK would fill in this machine's KUBECONFIG, which would be kept in the
    // state, and another machine would plan to change it. Set to nothing, so that the provider looks in its own
    // environment.
    kubeconfig: pulumi.output<string | undefined>(undefined),
    enableServerSideApply: true,
    // A changed ConfigMap is a new object, which pods notice.
    enableConfigMapMutable: false,
    // A renewed certificate reaches running pods only through the Secret they mount.
    enableSecretMutable: true,
    // Taking fields from another manager would go unnoticed; a conflict does not. But the fields of an object made by
    // hand belonged to another manager before its adoption.
    enablePatchForce: taking !== "nothing",
    upsertExistingObjects: taking === "objects",
    // An unreachable cluster is no reason to forget what runs in it.
    deleteUnreachable: false,
  };
}
