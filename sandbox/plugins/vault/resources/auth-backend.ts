import { isObject, textAt, type Json, type JsonObject } from "../../shared/property.ts";
import type { DiffRequest, DiffResult, OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { structuralDiff } from "../../shared/structural-diff.ts";
import { wireName } from "../api-object.ts";
import { isSamePath } from "../equality.ts";
import { findMount, moveMount } from "../mounts.ts";
import type { VaultSession } from "../vault-session.ts";

/**
 * `vault:index/authBackend:AuthBackend`: an auth method. Fails when its path is taken; a new path moves it unless told
 * not to.
 */
export function authBackend(vault: () => VaultSession): ResourceType {
  return {
    inputs: rules,
    outputs: { path: {}, accessor: {}, tune: { stable: false } },
    check: (news) => ({ inputs: { ...news, path: news["path"] ?? news["type"] ?? null }, faults: [] }),
    diff: pathAwareDiff,
    create: async (inputs, context) => {
      const path = textAt(inputs, "path");
      const { type, description, local } = inputs;
      const body = { type: type ?? "", description: description ?? "", local: local ?? false, config: {} };
      await vault().write(`sys/auth/${path}`, body, context);
      if (isObject(inputs["tune"])) await tune(vault(), path, tuning(inputs["tune"]), context);
      return { id: path, outputs: { ...inputs, ...(await live(vault(), path, context)) } };
    },
    read: async ({ id }, context) => {
      const outputs = await live(vault(), id, context);
      return outputs && { id, outputs };
    },
    update: async ({ id, news, oldInputs }, context) => {
      const path = textAt(news, "path");
      if (!isSamePath(path, id)) await moveMount(vault(), `auth/${id}`, `auth/${path}`, context);
      const isDescribed = news["description"] === oldInputs["description"];
      const body = {
        ...(isObject(news["tune"]) ? tuning(news["tune"]) : {}),
        ...(isDescribed ? {} : { description: news["description"] ?? "" }),
      };
      await tune(vault(), path, body, context);
      return { ...news, ...(await live(vault(), path, context)) };
    },
    delete: ({ id }, context) => vault().remove(`sys/auth/${id}`, context),
  };
}

const tuneRules: PropertyRules = {
  defaultLeaseTtl: { type: "string" },
  maxLeaseTtl: { type: "string" },
  auditNonHmacRequestKeys: { type: { list: "string" } },
  auditNonHmacResponseKeys: { type: { list: "string" } },
  listingVisibility: { type: "string" },
  passthroughRequestHeaders: { type: { list: "string" } },
  allowedResponseHeaders: { type: { list: "string" } },
  tokenType: { type: "string" },
};

const rules: PropertyRules = {
  type: { type: "string", required: true, replace: true },
  path: { type: "string", same: isSamePath, fault: pathFault },
  description: { type: "string" },
  disableRemount: { type: "boolean" },
  local: { type: "boolean", replace: true },
  tune: { type: { object: tuneRules } },
};

function pathFault(path: unknown): string | undefined {
  const isPlain = typeof path === "string" && !path.startsWith("/") && !path.endsWith("/");
  return isPlain ? undefined : "must have no slash at its ends, got one; remove it";
}

function pathAwareDiff({ oldInputs, news }: DiffRequest): DiffResult {
  const fixed = news["disableRemount"] === true;
  const changes = structuralDiff(oldInputs, news, rules);
  return { changes: changes.map((change) => (change.property === "path" ? { ...change, replace: fixed } : change)) };
}

function tuning(given: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(given).map(([key, value]): [string, Json] => [wireName(key), value]));
}

async function tune(vault: VaultSession, path: string, body: JsonObject, context: OperationContext): Promise<void> {
  await vault.write(`sys/mounts/auth/${path}/tune`, body, context);
}

async function live(vault: VaultSession, path: string, context: OperationContext): Promise<JsonObject | undefined> {
  const found = await findMount(vault, `sys/auth/${path}`, context);
  if (found === undefined) return undefined;
  const tuned = (await vault.read(`sys/mounts/auth/${path}/tune`, context)) ?? {};
  // Lease times are left as the program has them: like the official provider, this one does not see them drift.
  const told = Object.keys(tuneRules).filter((key) => !key.endsWith("Ttl") && tuned[wireName(key)] !== undefined);
  return {
    path,
    type: found["type"] ?? null,
    accessor: found["accessor"] ?? null,
    description: found["description"] ?? null,
    local: found["local"] ?? null,
    tune: Object.fromEntries(told.map((key): [string, Json] => [key, tuned[wireName(key)] ?? null])),
  };
}
