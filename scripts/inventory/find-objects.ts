import { z } from "zod";
import { engineOf } from "../../components/engines/kinds.ts";
import type { Session } from "../../protocol/vault-client/session.ts";
import { mountParts, type VaultObject } from "./vault-objects.ts";

const mount = z.object({ type: z.string(), options: z.record(z.string(), z.string()).nullish() });
const mounts = z.object({ data: z.record(z.string(), mount) });
const list = z.object({ data: z.object({ keys: z.array(z.string()) }).optional() });

/** What was found, and what could not be looked into. */
export interface FoundObjects {
  readonly objects: readonly VaultObject[];
  /** Mounts of types whose parts this program does not know, by path. */
  readonly closed: readonly string[];
}

/** Vault's own types, and what early versions called a store of secrets: what they hold belongs to their users. */
const withoutParts = new Set(["generic", "cubbyhole", "identity", "system", "auth token", "agent_registry"]);

/**
 * Lists mounts, login methods, audit devices and policies, and the roles below them. No secret and no configuration is
 * read.
 * @param session Requests of a login that may list them.
 */
export async function findObjects(session: Session): Promise<FoundObjects> {
  const listOf = async (path: string): Promise<string[]> => {
    // Vault answers "not found" for an empty list.
    const answer = await session.ask(list, { method: "GET", path: `${path}?list=true`, answers: [404] });
    return answer.data?.keys ?? [];
  };
  const tableOf = async (path: string): Promise<(readonly [path: string, found: z.infer<typeof mount>])[]> => {
    const { data } = await session.ask(mounts, { method: "GET", path });
    return Object.entries(data).map(([mounted, found]) => [mounted.replace(/\/$/, ""), found] as const);
  };
  const [engines, methods, devices, policies] = await Promise.all([
    tableOf("sys/mounts"),
    tableOf("sys/auth"),
    tableOf("sys/audit"),
    listOf("sys/policies/acl"),
  ]);
  const secrets = engines.map(([path, found]) => ({ path, type: engineOf(found)?.name ?? found.type }));
  const places = [...secrets, ...methods.map(([path, { type }]) => ({ path: `auth/${path}`, type: `auth ${type}` }))];
  const below = await Promise.all(
    places.flatMap(({ path, type }) =>
      (mountParts(type) ?? []).map(async ({ folder, kind }) => {
        const names = await listOf(`${path}/${folder}`);
        return names.map((name): VaultObject => ({ kind, id: `${path}/${folder}/${name}`, type }));
      }),
    ),
  );
  return {
    objects: [
      ...secrets.map(({ path: id, type }): VaultObject => ({ kind: "secrets mount", id, type })),
      ...methods.map(([id, { type }]): VaultObject => ({ kind: "login method", id, type })),
      ...devices.map(([id, { type }]): VaultObject => ({ kind: "audit device", id, type })),
      ...policies.map((id): VaultObject => ({ kind: "policy", id, type: "" })),
      ...below.flat(),
    ],
    closed: places
      .filter(({ type }) => mountParts(type) === undefined && !withoutParts.has(type))
      .map(({ path }) => path),
  };
}
