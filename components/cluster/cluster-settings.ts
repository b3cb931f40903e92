import type { ProviderArgs } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inClusterContext } from "../../kube/kubeconfig/in-cluster.ts";

/**
 * What a run may take that is somebody else's: nothing; fields of the stack's own objects that somebody set since; or objects
 * that exist already, with their fields.
 */
export type Taking = "nothing" | "fields" | "objects";

/**
 * Settings of the Kubernetes provider, written out: what is left out, the SDK takes from the environment of whoever runs
 * the program, and two people would plan different changes.
 *
 * The kubeconfig stays ambient, because only the person knows where theirs is; the context in it is named.
 * The plugin reads the same kubeconfig with the same rules as this program, so both are the same user of the same cluster.
 * @param context Context of the kubeconfig, or {@link inClusterContext}.
 * @param taking What this run may take over; the rest is refused.
 * @returns Arguments for the provider.
 */
export function clusterSettings(context: string, taking: Taking): ProviderArgs {
  return {
    // In a pod without a kubeconfig the plugin finds the account by itself, unless a context is named.
    ...(context !== inClusterContext && { context }),
    // Given, or the SDK would put this machine's KUBECONFIG in its place, which the state would keep and another machine
    // would plan to change; and nothing, so that the provider looks into its own environment.
    kubeconfig: pulumi.output<string | undefined>(undefined),
    enableServerSideApply: true,
    // A changed ConfigMap is a new object, which pods notice.
    enableConfigMapMutable: false,
    // A renewed certificate reaches running pods only in the Secret they mount.
    enableSecretMutable: true,
    // Taking fields from another manager would be silent; a conflict is not. But what somebody made by hand before it is adopted
    // was another manager's.
    enablePatchForce: taking !== "nothing",
    upsertExistingObjects: taking === "objects",
    // A cluster out of reach is no reason to forget what runs in it.
    deleteUnreachable: false,
  };
}
