/** Name of the policy that Pulumi's own login carries. */
export const adminPolicyName = "pulumi-admin";

/** Name of the AppRole that Pulumi logs in with. */
export const adminRoleName = "pulumi";

/** Name of the policy that the login for previews carries. */
export const previewPolicyName = "pulumi-preview";

/** Name of the other policy it carries: the program writes it, because it alone knows its mounts. */
export const previewMountsPolicyName = "pulumi-preview-mounts";

/** Name of the AppRole that previews log in with. */
export const previewRoleName = "pulumi-preview";
