import type { VaultObject } from "./vault-objects.ts";

/** How an object comes into the stack: declared by this, the next `up` takes it over. */
export interface Adoption {
  readonly object: VaultObject;
  /** What to declare it by. */
  readonly code: string;
  /** What `up` does with it then. */
  readonly takeover: "imports it as it is" | "writes it as declared";
}

/**
 * How to adopt an object that nobody manages. Vault refuses a second mount, login method, device, AppRole or key at a path, so
 * these are imported; everything else it overwrites. The engine's own `import` command runs no program, and with it no way to Vault.
 * @param object The object.
 * @returns The code.
 */
export function adoption(object: VaultObject): Adoption {
  const isAppRole = object.kind === "login role" && object.type === "auth approle";
  const imported = isAppRole || ["audit device", "login method", "secrets mount", "transit key"].includes(object.kind);
  return { object, code: codeOf(object), takeover: imported ? "imports it as it is" : "writes it as declared" };
}

function codeOf({ kind, id, type }: VaultObject): string {
  const [, mount = "", , last = ""] =
    /^(?:auth\/)?(.+?)\/(role|roles|static-roles|keys|groups|users)\/(.+)$/.exec(id) ?? [];
  const name = JSON.stringify(last);
  const path = JSON.stringify(id);
  switch (kind) {
    case "audit device":
      return `new vault.Audit(${path}, { path: ${path}, type: "${type}", … }, { ...insideVault, import: ${path} })`;
    case "certificate role":
      return `a role ${name} of the PKI engine at ${mount}`;
    case "database role":
      return `roles: { ${name}: … } of the DatabaseEngine at ${mount}`;
    case "database static role":
      return `staticRoles: { ${name}: … } of the DatabaseEngine at ${mount}`;
    case "directory group":
      return `groups: { ${name}: … } of the LdapAuth at ${mount}`;
    case "directory user":
      return `users: { ${name}: … } of the LdapAuth at ${mount}`;
    case "login method":
      return methodCode(type, path);
    case "login role":
      return `roles: { ${name}: … } of the login method at ${mount}${type === "auth approle" ? ", with adopt: true" : ""}`;
    case "policy":
      return `new Policy(${path}, { rules: [ … ] }, insideVault)`;
    case "secrets mount":
      return mountCode(type, path);
    case "transit key":
      return `keys: { ${name}: {} } of the TransitEngine at ${mount}, with adopt: true`;
  }
}

function mountCode(type: string, path: string): string {
  const components: Readonly<Record<string, string>> = {
    database: `new DatabaseEngine(${path}, { adopt: true, … }, insideVault)`,
    kv: `new KvEngine(${path}, { adopt: true }, insideVault)`,
    transit: `new TransitEngine(${path}, { adopt: true, keys: { … } }, insideVault)`,
  };
  const plain = `new vault.Mount(${path}, { path: ${path}, type: "${type}" }, { ...insideVault, import: ${path} })`;
  return components[type] ?? plain;
}

function methodCode(type: string, path: string): string {
  const components: Readonly<Record<string, string>> = {
    approle: `new AppRoleAuth(${path}, { path: ${path}, adopt: true, roles: { … } }, insideVault)`,
    jwt: `new JwtAuth(${path}, { path: ${path}, adopt: true, issuer: …, roles: { … } }, insideVault)`,
    kubernetes: `new KubernetesAuth(${path}, { path: ${path}, adopt: true, roles: { … } }, insideVault)`,
    ldap: `new LdapAuth(${path}, { path: ${path}, adopt: true, … }, insideVault)`,
  };
  const plain = `new vault.AuthBackend(${path}, { path: ${path}, type: "${type}" }, { ...insideVault, import: ${path} })`;
  return components[type] ?? plain;
}
