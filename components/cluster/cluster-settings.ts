import type { ProviderArgs } from "@pulumi/kubernetes";

/**
 * Settings of the Kubernetes provider, written out: what is left out, the SDK takes from the environment of whoever runs
 * the program, and two people would plan different changes.
 *
 * `KUBECONFIG` stays ambient, because only the person knows where theirs is; the context in it is named.
 * @param context Context of the kubeconfig.
 * @returns Arguments for the provider.
 */
export function clusterSettings(context: string): ProviderArgs {
  return {
    context,
    enableServerSideApply: true,
    // A changed ConfigMap or Secret is a new object, which pods notice.
    enableConfigMapMutable: false,
    enableSecretMutable: false,
    // Taking fields from another manager would be silent; a conflict is not.
    enablePatchForce: false,
    // A cluster out of reach is no reason to forget what runs in it.
    deleteUnreachable: false,
  };
}
