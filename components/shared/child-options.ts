import type * as pulumi from "@pulumi/pulumi";

/**
 * Options for the children of a component: its own place in the tree, and what the engine does not hand down.
 *
 * Providers reach children by themselves. `deletedWith` and `dependsOn` do not, and both must hold for each object inside
 * Vault: it is gone when Vault's namespace is gone (no connection is needed to destroy it), and it comes after the audit devices.
 * @param parent The component that creates the children.
 * @param opts The options the component itself was given.
 * @returns Options to use as they are or to merge with a child's own by {@link pulumi.mergeOptions}.
 */
export function childOptions(
  parent: pulumi.Resource,
  opts: pulumi.ComponentResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  return {
    parent,
    ...(opts?.deletedWith && { deletedWith: opts.deletedWith }),
    ...(opts?.dependsOn && { dependsOn: opts.dependsOn }),
  };
}
