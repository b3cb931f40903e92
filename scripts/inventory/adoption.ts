import { mountKind, mountParts, type VaultObject } from "./vault-objects.ts";

/** How an object comes into the stack: once it is declared like this, the next `up` takes it over. */
export interface Adoption {
  readonly object: VaultObject;
  /** The code that declares it. */
  readonly code: string;
  /** What `up` does with it then. */
  readonly takeover: "imports it as it is" | "writes it as declared";
}

/**
 * How to adopt an object that nobody manages. Vault refuses a second mount, login method, device, AppRole or key at a
 * path, so these are imported; everything else it overwrites. The engine's own `import` command runs no program, and so
 * has no way to Vault.
 */
export function adoption(object: VaultObject): Adoption {
  const { kind, id, type } = object;
  const part = mountParts(type)?.find((one) => one.kind === kind);
  if (part === undefined) {
    const takeover = kind === "policy" ? "writes it as declared" : "imports it as it is";
    return { object, code: codeOf(object), takeover };
  }
  const between = `/${part.folder}/`;
  const [mount = "", ...name] = id.replace(/^auth\//, "").split(between);
  return {
    object,
    code: part.code(JSON.stringify(name.join(between)), mount),
    takeover: part.imported === true ? "imports it as it is" : "writes it as declared",
  };
}

function codeOf({ kind, id, type }: VaultObject): string {
  const path = JSON.stringify(id);
  const imported = `{ ...insideVault, import: ${path} }`;
  const known = mountKind(kind === "login method" ? `auth ${type}` : type)?.code(path);
  switch (kind) {
    case "policy":
      return `new Policy(${path}, { rules: [ … ] }, insideVault)`;
    case "audit device":
      return `new vault.Audit(${path}, { path: ${path}, type: "${type}", … }, ${imported})`;
    case "login method":
      return known ?? `new vault.AuthBackend(${path}, { path: ${path}, type: "${type}" }, ${imported})`;
    default:
      return known ?? `new vault.Mount(${path}, { path: ${path}, type: "${type}" }, ${imported})`;
  }
}
