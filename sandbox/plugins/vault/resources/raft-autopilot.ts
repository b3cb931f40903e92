import type { Json, JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { wireName } from "../api-object.ts";
import type { VaultSession } from "../vault-session.ts";

const path = "sys/storage/raft/autopilot/configuration";

/** Each Vault has one set, so the official provider has a default for each, and sets them again at the end. */
const rules: PropertyRules = {
  cleanupDeadServers: { type: "boolean", default: false },
  deadServerLastContactThreshold: { type: "string", default: "24h0m0s" },
  lastContactThreshold: { type: "string", default: "10s" },
  maxTrailingLogs: { type: "integer", default: 1000 },
  minQuorum: { type: "integer", default: 3 },
  serverStabilizationTime: { type: "string", default: "10s" },
};

/**
 * `vault:index/raftAutopilot:RaftAutopilot`. Values that are false, empty or zero are not sent, as with the official
 * provider.
 */
export function raftAutopilot(vault: () => VaultSession): ResourceType {
  const read = async (context: OperationContext): Promise<JsonObject> => {
    const data = (await vault().read(path, context)) ?? {};
    return Object.fromEntries(Object.keys(rules).map((key): [string, Json] => [key, data[wireName(key)] ?? null]));
  };
  const write = async (inputs: JsonObject, context: OperationContext): Promise<JsonObject> => {
    const given = Object.entries(inputs).filter(([, value]) => Boolean(value));
    await vault().write(path, Object.fromEntries(given.map(([key, value]) => [wireName(key), value])), context);
    return { ...inputs, ...(await read(context)) };
  };
  return {
    inputs: rules,
    outputs: {},
    create: async (inputs, context) => ({ id: path, outputs: await write(inputs, context) }),
    read: async ({ id }, context) => ({ id, outputs: await read(context) }),
    update: ({ news }, context) => write(news, context),
    delete: async (_, context) => {
      const defaults = Object.entries(rules).map(([key, rule]): [string, Json] => [
        wireName(key),
        rule.default ?? null,
      ]);
      await vault().write(path, Object.fromEntries(defaults), context);
    },
  };
}
