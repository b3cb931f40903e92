import * as pulumi from "@pulumi/pulumi";

/**
 * Options for the children of a component: its own place in the tree, and what the engine does not pass down.
 *
 * Children inherit providers by themselves. They do not inherit `deletedWith` and `dependsOn`, and both must hold for
 * each object inside Vault: it is gone when Vault's namespace is gone (no connection is needed to destroy it), and it
 * comes after the audit devices.
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

/**
 * Options for the registration of a component itself: without those that concern only its children.
 *
 * A component has nothing to delete and nothing to wait for. With dependencies of its own it could not be refreshed
 * once one of them is gone: the engine would skip it and then miss its registration.
 * @param opts The options the component was given.
 */
export function componentOptions(
  opts: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions | undefined {
  if (opts === undefined) return undefined;
  const own = { ...opts };
  delete own.dependsOn;
  delete own.deletedWith;
  return own;
}

/**
 * Options for an object that Vault refuses to create if it exists already.
 * @param adopt Whether the existing object is taken over; undefined means no.
 * @returns The options, with an import when it is to be adopted: the engine then takes it into a state that lacks it.
 */
export function adopting(
  options: pulumi.CustomResourceOptions,
  adopt: boolean | undefined,
  id: string,
): pulumi.CustomResourceOptions {
  return adopt === true ? { ...options, import: id } : options;
}

/**
 * Options for an object that is to be taken over with its present settings, because Vault does not return all of them,
 * or because somebody may have changed some: the run that takes it over leaves them alone, and the next one writes
 * them.
 * @param adopt Whether the existing object is taken over; undefined means no.
 * @param settings The settings, by name.
 */
export function adoptingAsItIs(
  options: pulumi.CustomResourceOptions,
  adopt: boolean | undefined,
  id: string,
  settings: object,
): pulumi.CustomResourceOptions {
  const taking = adopt === true ? { ignoreChanges: Object.keys(settings) } : {};
  return pulumi.mergeOptions(adopting(options, adopt, id), taking);
}
