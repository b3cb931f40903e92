import { PartialFailure, errorText } from "../../shared/errors.ts";
import { textAt, type JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { structuralDiff } from "../../shared/structural-diff.ts";
import { apiObject, type ApiObject } from "../api-object.ts";
import { isSamePath, trimmedPath } from "../equality.ts";
import { findMount, moveMount } from "../mounts.ts";
import type { VaultSession } from "../vault-session.ts";

/** A login method whose mount and settings are one resource. */
export interface ConfiguredMethod {
  /** Type of the mount. */
  readonly type: (inputs: JsonObject) => string;
  /** Inputs of the mount; `path` must be among them. */
  readonly mount: PropertyRules;
  /** The settings, at `auth/<path>/config`. */
  readonly config: Omit<ApiObject, "address" | "path" | "parse" | "deletable">;
  /** What of the inputs is sent. @default - all */
  readonly sent?: (inputs: JsonObject) => JsonObject;
}

/**
 * A resource for both. Creating it fails when the path is taken; a new path moves it. Where Vault takes the mount but
 * not the settings, the mount stays in the state, and the next run writes the settings again, as with the official
 * provider.
 */
export function configuredMethod(method: ConfiguredMethod, vault: () => VaultSession): ResourceType {
  const { type, mount, sent = (inputs) => inputs } = method;
  const path = (inputs: JsonObject): string => `auth/${trimmedPath(inputs["path"])}/config`;
  const config = apiObject({ ...method.config, address: {}, path, parse: () => ({}), deletable: false }, vault);
  const rules = { ...mount, ...config.inputs };
  const live = async (mounted: string, context: OperationContext): Promise<JsonObject | undefined> => {
    const found = await findMount(vault(), `sys/auth/${mounted}`, context);
    const settings = await config.read({ id: `auth/${mounted}/config`, inputs: {}, outputs: {} }, context);
    if (found === undefined || settings === undefined) return undefined;
    const { accessor, description, local } = found;
    return {
      ...settings.outputs,
      path: mounted,
      accessor: accessor ?? null,
      description: description ?? null,
      local: local ?? null,
    };
  };
  return {
    inputs: rules,
    outputs: { ...config.outputs, accessor: {}, description: {} },
    diff: ({ oldInputs, news }) => {
      const fixed = news["disableRemount"] === true;
      const changes = structuralDiff(oldInputs, news, rules);
      return {
        changes: changes.map((change) => (change.property === "path" ? { ...change, replace: fixed } : change)),
      };
    },
    create: async (inputs, context) => {
      const id = trimmedPath(inputs["path"]);
      const body = {
        type: type(inputs),
        description: inputs["description"] ?? "",
        local: inputs["local"] ?? false,
      };
      await vault().write(`sys/auth/${id}`, body, context);
      try {
        await config.create(sent(inputs), context);
      } catch (error) {
        throw new PartialFailure({ id, outputs: { ...inputs, path: id } }, [errorText(error)]);
      }
      return { id, outputs: { ...inputs, ...(await live(id, context)) } };
    },
    read: async ({ id }, context) => {
      const outputs = await live(id, context);
      return outputs && { id, outputs };
    },
    update: async ({ id: mounted, news, oldOutputs }, context) => {
      const moved = textAt(news, "path");
      if (!isSamePath(moved, mounted)) await moveMount(vault(), `auth/${mounted}`, `auth/${moved}`, context);
      await config.update?.({ id: path(news), news: sent(news), oldInputs: {}, oldOutputs }, context);
      // The official provider never writes the description again.
      return { ...news, ...(await live(trimmedPath(moved), context)) };
    },
    delete: ({ id }, context) => vault().remove(`sys/auth/${id}`, context),
  };
}
