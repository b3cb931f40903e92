import { expect } from "vitest";
import { z } from "zod";
import { type HaStack } from "./ha-stack.ts";
import { patiently, type VaultClient } from "./vault-client.ts";

/** Data of every kind a Vault keeps, as it must be again after whatever happens to the cluster. */
export interface KeptData {
  /** Accessor of a token that lives for days. */
  readonly accessor: string;
  /** What a root token saw of all of it. */
  readonly seen: Readonly<Record<string, unknown>>;
}

const tokenAnswer = z.object({ auth: z.object({ accessor: z.string() }) });
const listed = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const keptNames = Array.from({ length: 25 }, (_, index) => `kept/${index}`);

/** Writes secrets in several versions, some of them deleted, and a token, and notes all that must stay. */
export async function keepData(ha: HaStack): Promise<KeptData> {
  return ha.asRoot(async (root) => {
    for (const [index, name] of keptNames.entries()) {
      for (let version = 0; version <= index % 3; version++) {
        const value = `${name} in version ${version}, ${"x".repeat(index * 40)}`;
        await patiently(() => root.request("POST", `secret/data/${name}`, { data: { value } }));
      }
      // Deleted, which is no less to be kept than the rest.
      if (index % 5 === 4) await patiently(() => root.request("DELETE", `secret/data/${name}`));
    }
    const token = { policies: ["webapp"], ttl: "480h", no_parent: true, meta: { kept: "yes" } };
    const { accessor } = tokenAnswer.parse(
      await patiently(() => root.request("POST", "auth/token/create", token)),
    ).auth;
    return { accessor, seen: await look(root, accessor) };
  });
}

/**
 * Expects all of it to be as it was: values, versions, deletions, policies, mounts, logins and the lease of the token.
 */
export async function expectKept(ha: HaStack, { accessor, seen }: KeptData): Promise<void> {
  expect(await ha.asRoot((root) => look(root, accessor))).toEqual(seen);
}

async function look(root: VaultClient, accessor: string): Promise<Record<string, unknown>> {
  const ask = (method: string, path: string, body?: unknown): Promise<unknown> =>
    patiently(() => root.request(method, path, body));
  const policies = listed.parse(await ask("LIST", "sys/policies/acl")).data.keys;
  const paths = [
    ...keptNames.map((name) => `secret/metadata/${name}`),
    ...keptNames.flatMap((name, index) => (index % 5 === 4 ? [] : [`secret/data/${name}`])),
    ...policies.filter((name) => name !== "root").map((name) => `sys/policies/acl/${name}`),
    ...["sys/mounts", "sys/auth", "sys/audit"],
  ];
  const answers: Record<string, unknown> = {};
  for (const path of paths) answers[path] = dataOf(await ask("GET", path));
  const token = z.looseObject({ data: z.looseObject({ expire_time: z.string(), policies: z.array(z.string()) }) });
  const { data } = token.parse(await ask("POST", "auth/token/lookup-accessor", { accessor }));
  return { ...answers, policies, token: [data.expire_time, data.policies, data["meta"]] };
}

/** An answer without what belongs to the request alone. */
function dataOf(answer: unknown): unknown {
  return z.looseObject({ data: z.unknown() }).parse(answer).data;
}
