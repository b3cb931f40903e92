import { type AdminRule, manage, type MountPart } from "../../shared/mount-kind.ts";

/** Settings of a login method. */
export const configRules: Readonly<Record<string, AdminRule>> = {
  "auth/+/config": { capabilities: manage, because: "configure a login method" },
};

/** Roles of a login method, Pulumi's own login included. */
export const roleRules: Readonly<Record<string, AdminRule>> = {
  "auth/+/role": { capabilities: ["list"], because: "list roles" },
  "auth/+/role/*": {
    capabilities: manage,
    because: "roles of Kubernetes, JWT and AppRole, Pulumi's own login included",
  },
  "auth/+/role/pulumi/*": {
    capabilities: [],
    because: "half of Pulumi's own login is not the business of the one for previews",
    preview: ["deny"],
  },
};

/**
 * Roles as they are listed below a login method.
 * @param resource Type of the resource that declares one.
 */
export function loginRoles(resource: string): MountPart {
  const code = (name: string, mount: string): string => `roles: { ${name}: … } of the login method at ${mount}`;
  return { kind: "login role", folder: "role", resource, code };
}
