import { loginKinds } from "../../components/access/logins/kinds.ts";
import { accessTypes } from "../../components/access/matrix/access-types.ts";
import { engineKinds } from "../../components/engines/kinds.ts";
import type { MountKind, MountPart } from "../../components/shared/mount-kind.ts";

/**
 * What is known of a mount.
 * @param type Its engine, as `kv`, or its login method, as `auth ldap`.
 * @returns Its kind; undefined for one that has no component.
 */
export function mountKind(type: string): MountKind | undefined {
  const engine = engineKinds.find(({ name }) => name === type);
  return engine ?? loginKinds.find(({ name }) => `auth ${name}` === type);
}

/**
 * What is found below a mount.
 * @param type Its engine or login method, under an alias as well.
 * @returns The parts; undefined for one that has no component.
 */
export function mountParts(type: string): readonly MountPart[] | undefined {
  const kind = mountKind(type) ?? loginKinds.find(({ alias }) => alias !== undefined && `auth ${alias}` === type);
  return kind?.parts;
}

/** One object inside Vault. */
export interface VaultObject {
  /** What it is, as `policy`, `secrets mount` or what the kind of its mount calls it. */
  readonly kind: string;
  /** Path of the mount with the object's own, as the Vault plugin calls it. */
  readonly id: string;
  /** Type of a mount, a login method or what is below one, such as `kv` or `auth ldap`; empty for others. */
  readonly type: string;
}

/** A deployed resource as the state holds it. */
export interface StateResource {
  readonly type: string;
  readonly id?: string | undefined;
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
}

/** Types whose id in the state is the object's own. */
const kinds: Readonly<Record<string, string>> = {
  "vault:index/audit:Audit": "audit device",
  "vault:index/authBackend:AuthBackend": "login method",
  "vault:index/mount:Mount": "secrets mount",
  [accessTypes.policy]: "policy",
  ...Object.fromEntries(loginKinds.flatMap(({ method }) => (method === undefined ? [] : [[method, "login method"]]))),
  ...Object.fromEntries(
    [...loginKinds, ...engineKinds].flatMap(({ parts }) => parts.map(({ resource, kind }) => [resource, kind])),
  ),
};

/**
 * What a stack has made inside Vault, Pulumi's own login and that for previews included.
 * @param own What its own logins consist of.
 * @returns The objects by kind and id.
 */
export function declaredObjects(
  resources: readonly StateResource[],
  own: { readonly authPath: string; readonly roles: readonly string[]; readonly policies: readonly string[] },
): ReadonlySet<string> {
  const declared = resources.flatMap(({ type, id, outputs }) => {
    const kind = kinds[type];
    if (kind === undefined) return [];
    return [keyOf({ kind, id: objectId(id, outputs) })];
  });
  return new Set([
    ...declared,
    keyOf({ kind: "login method", id: own.authPath }),
    ...own.roles.map((role) => keyOf({ kind: "login role", id: `auth/${own.authPath}/role/${role}` })),
    ...own.policies.map((id) => keyOf({ kind: "policy", id })),
  ]);
}

function objectId(id: string | undefined, outputs: StateResource["outputs"]): string {
  // A mount that was moved keeps its old path as id.
  const path = outputs?.["path"];
  return typeof path === "string" ? path : (id ?? "");
}

/** Tells an object from all others. */
function keyOf({ kind, id }: Pick<VaultObject, "kind" | "id">): string {
  return `${kind} ${id.replace(/\/$/, "")}`;
}

/** What every Vault has by itself. */
const builtIn = new Set([
  ...["sys", "identity", "cubbyhole", "agent-registry"].map((id) => keyOf({ kind: "secrets mount", id })),
  keyOf({ kind: "login method", id: "token" }),
  ...["root", "default"].map((id) => keyOf({ kind: "policy", id })),
]);

/**
 * What is in Vault and neither Vault's own nor the stack's.
 * @returns The others, sorted.
 */
export function unmanaged(found: readonly VaultObject[], declared: ReadonlySet<string>): VaultObject[] {
  return found
    .filter((object) => !builtIn.has(keyOf(object)) && !declared.has(keyOf(object)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
