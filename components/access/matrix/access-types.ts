/**
 * Types of the resources that let somebody into Vault or allow something and belong to no mount, as the engine sees
 * them.
 */
export const accessTypes = {
  adminAccess: "pulumi-nodejs:dynamic/vault:AdminAccess",
  policy: "vault:index/policy:Policy",
} as const;
