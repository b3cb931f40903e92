import { z } from "zod";
import type { Session } from "../../protocol/vault-client/session.ts";
import type { ObjectKind, VaultObject } from "./vault-objects.ts";

const mounts = z.object({ data: z.record(z.string(), z.object({ type: z.string() })) });
const list = z.object({ data: z.object({ keys: z.array(z.string()) }).optional() });

/** Where the parts of a mount or login method are listed, by its type. */
const parts: Readonly<Record<string, readonly (readonly [path: string, kind: ObjectKind])[]>> = {
  "auth approle": [["role", "login role"]],
  "auth jwt": [["role", "login role"]],
  "auth kubernetes": [["role", "login role"]],
  "auth oidc": [["role", "login role"]],
  "auth ldap": [
    ["groups", "directory group"],
    ["users", "directory user"],
  ],
  database: [
    ["roles", "database role"],
    ["static-roles", "database static role"],
  ],
  pki: [["roles", "certificate role"]],
  transit: [["keys", "transit key"]],
};

/** What was found, and what could not be looked into. */
export interface FoundObjects {
  readonly objects: readonly VaultObject[];
  /** Mounts of types whose parts this program does not know, by path. */
  readonly closed: readonly string[];
}

/** Types that have no roles: what they hold belongs to their users. */
const withoutParts = new Set(["kv", "generic", "cubbyhole", "identity", "system", "auth token", "agent_registry"]);

/**
 * Lists mounts, login methods, audit devices and policies, and the roles below. No secret and no configuration is read.
 * @param session Requests of a login that may list them.
 * @returns All objects.
 */
export async function findObjects(session: Session): Promise<FoundObjects> {
  const listOf = async (path: string): Promise<string[]> => {
    // Vault answers "not found" for an empty list.
    const answer = await session.ask(list, { method: "GET", path: `${path}?list=true`, answers: [404] });
    return answer.data?.keys ?? [];
  };
  const tableOf = async (path: string): Promise<(readonly [path: string, type: string])[]> => {
    const { data } = await session.ask(mounts, { method: "GET", path });
    return Object.entries(data).map(([mounted, { type }]) => [mounted.replace(/\/$/, ""), type] as const);
  };
  const [secrets, methods, devices, policies] = await Promise.all([
    tableOf("sys/mounts"),
    tableOf("sys/auth"),
    tableOf("sys/audit"),
    listOf("sys/policies/acl"),
  ]);
  const places = [
    ...secrets.map(([path, type]) => ({ path, type })),
    ...methods.map(([path, type]) => ({ path: `auth/${path}`, type: `auth ${type}` })),
  ];
  const below = await Promise.all(
    places.flatMap(({ path, type }) =>
      (parts[type] ?? []).map(async ([folder, kind]) => {
        const names = await listOf(`${path}/${folder}`);
        return names.map((name): VaultObject => ({ kind, id: `${path}/${folder}/${name}`, type }));
      }),
    ),
  );
  return {
    objects: [
      ...secrets.map(([id, type]): VaultObject => ({ kind: "secrets mount", id, type })),
      ...methods.map(([id, type]): VaultObject => ({ kind: "login method", id, type })),
      ...devices.map(([id, type]): VaultObject => ({ kind: "audit device", id, type })),
      ...policies.map((id): VaultObject => ({ kind: "policy", id, type: "" })),
      ...below.flat(),
    ],
    closed: places.filter(({ type }) => !(type in parts) && !withoutParts.has(type)).map(({ path }) => path),
  };
}
