import { isObject, textAt, type Json, type JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { wireName } from "../api-object.ts";
import { findMount, moveMount } from "../mounts.ts";
import type { VaultSession } from "../vault-session.ts";

/** `vault:index/mount:Mount`: a secrets engine. Fails when its path is taken; a new path moves it. */
export function mount(vault: () => VaultSession): ResourceType {
  return {
    inputs: { ...fixed, ...tunable },
    outputs: {
      accessor: {},
      defaultLeaseTtlSeconds: {},
      maxLeaseTtlSeconds: {},
      auditNonHmacRequestKeys: {},
      auditNonHmacResponseKeys: {},
    },
    create: async (inputs, context) => {
      const path = textAt(inputs, "path");
      const { type, description, local, options } = inputs;
      const body = {
        type: type ?? "",
        description: description ?? "",
        local: local ?? false,
        options: options ?? {},
        config: { ...leaseTtls(inputs, {}), ...tuning(inputs) },
      };
      await vault().write(`sys/mounts/${path}`, body, context);
      return { id: path, outputs: { ...inputs, ...(await live(vault(), path, inputs, context)) } };
    },
    read: async ({ id, inputs }, context) => {
      const outputs = await live(vault(), id, inputs, context);
      return outputs && { id, outputs };
    },
    update: async ({ id, news, oldInputs, oldOutputs }, context) => {
      const path = textAt(news, "path");
      if (path !== id) await moveMount(vault(), id, path, context);
      const body = {
        ...leaseTtls(news, oldOutputs),
        ...tuning(news, oldInputs),
        options: news["options"] ?? {},
        ...(news["description"] === oldInputs["description"] ? {} : { description: news["description"] ?? "" }),
      };
      await vault().write(`sys/mounts/${path}/tune`, body, context);
      return { ...news, ...(await live(vault(), path, news, context)) };
    },
    delete: ({ id }, context) => vault().remove(`sys/mounts/${id}`, context),
  };
}

const fixed: PropertyRules = {
  path: { type: "string", required: true },
  type: { type: "string", required: true, replace: true },
  local: { type: "boolean", replace: true },
  description: { type: "string" },
  options: { type: { map: "string" } },
  defaultLeaseTtlSeconds: { type: "integer" },
  maxLeaseTtlSeconds: { type: "integer" },
};

const tunable: PropertyRules = {
  auditNonHmacRequestKeys: { type: { list: "string" } },
  auditNonHmacResponseKeys: { type: { list: "string" } },
  listingVisibility: { type: "string" },
  passthroughRequestHeaders: { type: { list: "string" } },
  allowedResponseHeaders: { type: { list: "string" } },
};

/** Lease times are always sent: what the program does not say stays as it was. */
function leaseTtls(inputs: JsonObject, olds: JsonObject): JsonObject {
  const seconds = (key: string): string => `${Number(inputs[key] ?? olds[key] ?? 0)}s`;
  return { default_lease_ttl: seconds("defaultLeaseTtlSeconds"), max_lease_ttl: seconds("maxLeaseTtlSeconds") };
}

function tuning(inputs: JsonObject, olds: JsonObject = {}): JsonObject {
  const entries = Object.entries(tunable).flatMap(([key, rule]): [string, Json][] => {
    const value = inputs[key] ?? (olds[key] === undefined ? undefined : rule.type === "string" ? "" : []);
    return value === undefined ? [] : [[wireName(key), value]];
  });
  return Object.fromEntries(entries);
}

async function live(
  vault: VaultSession,
  path: string,
  inputs: JsonObject,
  context: OperationContext,
): Promise<JsonObject | undefined> {
  const found = await findMount(vault, `sys/mounts/${path}`, context);
  if (found === undefined) return undefined;
  const config = isObject(found["config"]) ? found["config"] : {};
  const tuned = Object.keys(tunable).map((key): [string, Json] => [key, config[wireName(key)] ?? null]);
  return {
    ...Object.fromEntries(tuned),
    ...typeAndOptions(found, inputs),
    path,
    accessor: found["accessor"] ?? null,
    description: found["description"] ?? null,
    local: found["local"] ?? null,
    defaultLeaseTtlSeconds: config["default_lease_ttl"] ?? null,
    maxLeaseTtlSeconds: config["max_lease_ttl"] ?? null,
  };
}

/** Vault reports the alias `kv-v2` as `kv` with a version among its options. */
function typeAndOptions(found: JsonObject, inputs: JsonObject): JsonObject {
  const options = isObject(found["options"]) ? found["options"] : {};
  if (inputs["type"] !== "kv-v2" || found["type"] !== "kv" || options["version"] !== "2") {
    return { type: found["type"] ?? null, options };
  }
  const declared = isObject(inputs["options"]) ? inputs["options"] : {};
  const { version, ...others } = options;
  return { type: "kv-v2", options: declared["version"] === undefined ? others : { version, ...others } };
}
