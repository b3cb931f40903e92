/**
 * Tells the Kubernetes plugin under which name it owns an object's fields. Without it, the plugin makes up a name for
 * each object, which only the state knows.
 * @see https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
 */
export const fieldManagerAnnotation = "pulumi.com/patchFieldManager";
