import { accessTypes } from "../../components/access/matrix/access-types.ts";

/** What in Vault the inventory looks at. */
export type ObjectKind =
  | "audit device"
  | "certificate role"
  | "database role"
  | "database static role"
  | "directory group"
  | "directory user"
  | "login method"
  | "login role"
  | "policy"
  | "secrets mount"
  | "transit key";

/** One object inside Vault. */
export interface VaultObject {
  readonly kind: ObjectKind;
  /** Path of the mount with the object's own, as the Vault plugin calls it. */
  readonly id: string;
  /** Type of a mount, a login method or the method of a role, such as `kv`; empty for others. */
  readonly type: string;
}

/** A deployed resource as the state holds it. */
export interface StateResource {
  readonly type: string;
  readonly id?: string | undefined;
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
}

/** Types whose id in the state is the object's own. */
const kinds: Readonly<Record<string, ObjectKind>> = {
  "vault:index/audit:Audit": "audit device",
  [accessTypes.pkiRole]: "certificate role",
  [accessTypes.databaseRole]: "database role",
  [accessTypes.databaseStaticRole]: "database static role",
  [accessTypes.ldapGroup]: "directory group",
  [accessTypes.ldapUser]: "directory user",
  "vault:index/authBackend:AuthBackend": "login method",
  [accessTypes.jwtMethod]: "login method",
  [accessTypes.ldapMethod]: "login method",
  [accessTypes.appRole]: "login role",
  [accessTypes.jwtRole]: "login role",
  [accessTypes.kubernetesRole]: "login role",
  [accessTypes.policy]: "policy",
  "vault:index/mount:Mount": "secrets mount",
  "vault:transit/secretBackendKey:SecretBackendKey": "transit key",
};

/**
 * What a stack has made inside Vault, Pulumi's own login and that for previews included.
 * @param resources The stack's state.
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
  // A mount that was moved has its old path as id.
  const path = outputs?.["path"];
  return typeof path === "string" ? path : (id ?? "");
}

/**
 * Tells an object from all others.
 * @param object The object.
 * @returns Its kind and id.
 */
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
 * @param found All objects.
 * @param declared The stack's.
 * @returns The others, sorted.
 */
export function unmanaged(found: readonly VaultObject[], declared: ReadonlySet<string>): VaultObject[] {
  return found
    .filter((object) => !builtIn.has(keyOf(object)) && !declared.has(keyOf(object)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
